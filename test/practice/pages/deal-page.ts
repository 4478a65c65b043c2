import type { DealSight } from '../pipedrive/company/handle.ts';
import { escapeHtml } from '../pipedrive/html.ts';
import type { FrameData } from './browser/page-data.ts';
import { extensionCard, frameFor, layout } from './layout.ts';
import { type PageHost, tail, type Viewer } from './page-host.ts';
import { fieldsCard, money, notesCard } from './record-parts.ts';

/** A deal as Pipedrive shows it: head with stages and Won, the app's panel on the left, lines and notes on the right. */
export function dealPage(host: PageHost, viewer: Viewer, deal: DealSight): string {
  const frame: FrameData | null = frameFor(host, viewer, {
    surface: 'panel',
    url: host.app.extensions.panel,
    resource: 'deal',
    selectedIds: String(deal.id),
  });
  const body = `<div class="columns"><aside>${extensionCard(host, viewer, frame)}</aside><main id="live">${liveDeal(host, viewer, deal)}</main></div>`;
  return layout(host, viewer, { title: deal.title, section: 'deals', body, frame });
}

/** The part that is shown anew when something changes. */
export function liveDeal(host: PageHost, viewer: Viewer, deal: DealSight): string {
  const { state } = host.handle;
  const organization = deal.org_id === null ? undefined : state.organizations.get(deal.org_id);
  const person = deal.person_id === null ? undefined : state.persons.get(deal.person_id);
  const query = tail(viewer);
  const link = (path: string, found: { id: number; name: string } | undefined) =>
    found ? `<a href="/${path}/${found.id}${query}">${escapeHtml(found.name)}</a>` : '<span class="soft">–</span>';
  return `<section class="card head"><div class="row"><h1>${escapeHtml(deal.title)}</h1><span class="badge ${deal.status}" data-testid="status">${deal.status}</span><span class="fill"></span>${statusForms(viewer, deal)}</div>
<div class="row soft"><b>${money(deal.value, deal.currency)}</b> <span>${link('organization', organization)}</span> <span>${link('person', person)}</span> <span>Expected ${deal.expected_close_date ?? 'not set'}</span> <span>Owner ${escapeHtml(state.users.get(deal.owner_id)?.name ?? '')}</span></div>${stages(host, deal)}</section>
${linesCard(host, viewer, deal)}${fieldsCard(state, 'deal', deal)}${notesCard(state, host.handle.notes(deal.id))}`;
}

function statusForms(viewer: Viewer, deal: DealSight): string {
  const form = (status: string, label: string, className: string) =>
    `<form method="post" data-live="1" action="/_page/deal/${deal.id}/status?as=${viewer.user.id}"><input type="hidden" name="status" value="${status}"><button class="button ${className}" data-testid="${status}">${label}</button></form>`;
  return deal.status === 'open' ? form('won', 'Won', 'won') + form('lost', 'Lost', 'lost') : form('open', 'Reopen', '');
}

function stages(host: PageHost, deal: DealSight): string {
  const all = host.handle.state.stages.filter(({ pipeline_id }) => pipeline_id === deal.pipeline_id);
  const at = all.findIndex(({ id }) => id === deal.stage_id);
  const items = all.map(
    (stage, index) => `<span class="${index <= at ? 'done' : ''}">${escapeHtml(stage.name)}</span>`,
  );
  return `<div class="stages">${items.join('')}</div>`;
}

function linesCard(host: PageHost, viewer: Viewer, deal: DealSight): string {
  const rows = deal.lines.map((line) => {
    const product = host.handle.state.products.get(line.product_id);
    const discount = line.discount_type === 'percentage' ? `${line.discount} %` : money(line.discount, deal.currency);
    return `<tr class="${line.is_enabled ? '' : 'off'}"><td>${escapeHtml(line.name)}<br><span class="soft">${escapeHtml(product?.code ?? '')}</span></td><td class="n">${line.quantity}</td><td class="n">${money(line.item_price, deal.currency)}</td><td class="n">${discount}</td><td class="n">${money(line.sum, deal.currency)}</td></tr>`;
  });
  const table = `<table><thead><tr><th>Product</th><th class="n">Quantity</th><th class="n">Price</th><th class="n">Discount</th><th class="n">Amount</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `<section class="card" data-testid="lines"><h2>Products</h2>${rows.length === 0 ? '<div class="in soft">No products yet</div>' : table}${addLineForm(host, viewer, deal)}</section>`;
}

function addLineForm(host: PageHost, viewer: Viewer, deal: DealSight): string {
  const options = host.handle
    .products()
    .slice(0, 300)
    .map((product) => `<option value="${product.id}">${escapeHtml(`${product.name} (${product.code})`)}</option>`);
  if (options.length === 0) return '';
  return `<form class="add" method="post" data-live="1" action="/_page/deal/${deal.id}/lines?as=${viewer.user.id}"><select name="product_id" aria-label="Product">${options.join('')}</select><input name="quantity" type="number" min="1" value="1" aria-label="Quantity"><input name="item_price" type="number" step="0.01" min="0" placeholder="list price" aria-label="Price"><button class="button" data-testid="add-line">Add</button></form>`;
}
