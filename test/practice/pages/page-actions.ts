import { ApiFailure } from '../pipedrive/failures.ts';
import { html, type PlainAnswer, type PlainRequest } from '../pipedrive/http/plain.ts';
import { type PageHost, tail, type Viewer } from './page-host.ts';

/** What the pages' own buttons do, as the user who looks at them; undefined for an unknown address. */
export function pageAction(host: PageHost, viewer: Viewer, request: PlainRequest): PlainAnswer | undefined {
  const form = new URLSearchParams(request.body);
  const [, , area, id = '', what] = request.url.pathname.split('/');
  const dealId = Number(id);
  try {
    if (area === 'deals' && id === '') {
      const deal = host.handle.createDeal({
        title: form.get('title') ?? '',
        org_id: Number(form.get('org_id')),
        owner: viewer.user.id,
      });
      return { status: 303, headers: { location: `/deal/${deal.id}${tail(viewer)}` }, body: '' };
    }
    if (area === 'deal' && what === 'status') {
      host.handle.updateDeal(dealId, { status: form.get('status') ?? '' }, viewer.user.id);
      return back(dealId, viewer);
    }
    if (area === 'deal' && what === 'lines') {
      addLine(host, viewer, dealId, form);
      return back(dealId, viewer);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ApiFailure) return html(error.status, 'That did not work.');
    throw error;
  }
}

/** Without a price the product's own in the deal's currency is taken. */
function addLine(host: PageHost, viewer: Viewer, dealId: number, form: URLSearchParams): void {
  const productId = Number(form.get('product_id'));
  const { currency } = host.handle.deal(dealId);
  const list = host.handle.state.products.get(productId)?.prices.find((price) => price.currency === currency)?.price;
  const typed = form.get('item_price') ?? '';
  host.handle.addLine(
    dealId,
    {
      product_id: productId,
      quantity: Number(form.get('quantity') ?? 1),
      item_price: typed === '' ? (list ?? 0) : Number(typed),
    },
    viewer.user.id,
  );
}

function back(dealId: number, viewer: Viewer): PlainAnswer {
  return { status: 303, headers: { location: `/deal/${dealId}${tail(viewer)}` }, body: '' };
}
