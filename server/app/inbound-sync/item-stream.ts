import { contentHash } from '../../kernel/canonical-json.ts';
import type { CrmProduct, ProductValues } from '../ports/crm.ts';
import type { ErpItem } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { StampedStream } from './read-stream.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Items for sale become products, found again by their code. */
export function itemStream(deps: SyncDeps, context: SyncContext): StampedStream<ErpItem> {
  const { erpCaller } = context;
  let index: Promise<ReadonlyMap<string, readonly number[]>> | undefined;
  const products = () => {
    index ??= loadProductIndex(deps, context);
    return index;
  };

  return {
    stream: 'items',
    writeTask: 'crm.write-items',
    count: () => deps.erp.countItems(erpCaller),
    newestStamp: () => deps.erp.newestStamp(erpCaller, 'items'),
    listByKey: (afterKey, limit) => deps.erp.listItemsByKey(erpCaller, afterKey, limit),
    listChanged: (from, after, limit) => deps.erp.listItemsChanged(erpCaller, from, after, limit),
    keyOf: (item) => item.itemCode,
    stampOf: (item) => item.updated,
    async prepare(rows) {
      const links = await findLinks(rows);
      const fresh = rows.filter((item) => item.active && item.sales && !links.has(item.itemCode));
      const known = fresh.length > 0 ? await products() : new Map<string, readonly number[]>();
      const priceList = await choosePriceList(deps, context);
      return { apply: (tx) => apply(tx, rows, links, fresh, known, priceList) };
    },
  };

  async function findLinks(items: readonly ErpItem[]): Promise<ReadonlyMap<string, EntityLink>> {
    const keys = items.map((item) => item.itemCode);
    const { connection } = context.workplace;
    const links = await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
      deps.links.findBySapKeys(tx, connection.id, 'item', keys),
    );
    return new Map(links.map((link) => [link.sapKey, link]));
  }

  async function apply(
    tx: Tx,
    items: readonly ErpItem[],
    links: ReadonlyMap<string, EntityLink>,
    fresh: readonly ErpItem[],
    known: ReadonlyMap<string, readonly number[]>,
    priceList: number | null,
  ): Promise<readonly string[]> {
    const { connection } = context.workplace;
    const toWrite: string[] = [];
    for (const item of fresh) {
      const [first, ...more] = known.get(item.itemCode) ?? [];
      const ambiguous = more.length > 0;
      if (ambiguous) await raiseAmbiguous(tx, item, more.length + 1);
      else toWrite.push(item.itemCode);
      await deps.links.save(tx, connection.id, {
        kind: 'item',
        sapKey: item.itemCode,
        pipedriveId: ambiguous ? null : (first ?? null),
        state: ambiguous ? 'ambiguous' : first === undefined ? 'to_create' : 'linked',
        creatingSince: null,
        contentHash: null,
      });
    }
    for (const item of items) {
      const link = links.get(item.itemCode);
      if (!link || link.state === 'ambiguous' || link.state === 'gone') continue;
      if (link.contentHash !== productHash(productValues(item, priceList))) toWrite.push(item.itemCode);
    }
    return toWrite;
  }

  async function raiseAmbiguous(tx: Tx, item: ErpItem, count: number): Promise<void> {
    await deps.findings.raise(
      tx,
      {
        kind: 'partner_ambiguous',
        subject: `item:${item.itemCode}`,
        message: `${count} products have the code ${item.itemCode} (${item.name}). Nothing was created or changed.`,
        action: 'Delete the products that are too many, or change their code.',
        link: null,
      },
      deps.clock.now(),
    );
  }
}

/** The price list whose prices become product prices: the admin's choice, else the first active one. */
export async function choosePriceList(deps: SyncDeps, context: SyncContext): Promise<number | null> {
  const { priceList } = context.workplace.settings;
  if (priceList !== null) return priceList;
  const lists = await deps.erp.listPriceLists(context.erpCaller);
  return lists.find((list) => list.active)?.number ?? null;
}

export function productValues(item: ErpItem, priceList: number | null): ProductValues {
  const price = item.prices.find((one) => one.priceList === priceList);
  return {
    name: item.name,
    code: item.itemCode,
    unit: item.unit,
    prices: price ? [{ currency: price.currency, price: price.price }] : [],
    active: item.active && item.sales,
  };
}

export function productHash(values: ProductValues): string {
  return contentHash({ ...values, prices: values.prices.map((price) => ({ ...price })) });
}

async function loadProductIndex(deps: SyncDeps, context: SyncContext): Promise<ReadonlyMap<string, readonly number[]>> {
  const byCode = new Map<string, number[]>();
  for await (const page of deps.crm.listProducts(context.crmCaller, {})) {
    for (const product of page) add(byCode, product);
  }
  return byCode;
}

function add(byCode: Map<string, number[]>, { code, id }: CrmProduct): void {
  const key = code?.trim();
  if (!key) return;
  byCode.set(key, [...(byCode.get(key) ?? []), id]);
}
