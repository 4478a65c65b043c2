import { contentHash } from '../../kernel/canonical-json.ts';
import type { CrmProduct, ProductValues } from '../ports/crm.ts';
import type { ErpItem } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { isToMatch, type StampedStream, type Touched } from './read-stream.ts';
import { isSettled } from './record-refused.ts';
import { heldLink, listSeeingAll } from './seeing-all.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Items for sale become products, found again by their code. */
export function itemStream(deps: SyncDeps, context: SyncContext): StampedStream<ErpItem> {
  const { erpCaller } = context;
  let index: Promise<ProductIndex | undefined> | undefined;
  const products = () => {
    index ??= listSeeingAll(deps, context, () => loadProductIndex(deps, context));
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
    async prepare(rows, again = false) {
      const links = await findLinks(rows);
      const priceList = await choosePriceList(deps, context);
      const hashed = rows.map((item) => ({ item, hash: productHash(productValues(item, priceList)) }));
      const fresh = hashed.filter(
        ({ item, hash }) => item.active && item.sales && isToMatch(links.get(item.itemCode), hash, again),
      );
      const matches = fresh.length > 0 ? matchAll(await products(), fresh, links) : [];
      return { apply: (tx) => apply(tx, hashed, links, matches) };
    },
    touchedSince: (since) => listTouched(deps, context, since),
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
    hashed: readonly HashedItem[],
    links: ReadonlyMap<string, EntityLink>,
    matches: readonly Matched[],
  ): Promise<readonly string[]> {
    const { connection } = context.workplace;
    const toWrite = new Set<string>();
    for (const { row, match } of matches) {
      const { item } = row;
      await deps.links.save(tx, connection.id, linkFor(row, match));
      if (match.kind === 'ambiguous') await raiseAmbiguous(tx, item, match.why);
      else if (match.kind !== 'held') {
        await deps.findings.resolve(tx, 'partner_ambiguous', `item:${item.itemCode}`, deps.clock.now());
        toWrite.add(item.itemCode);
      }
    }
    for (const { item, hash } of hashed) {
      const link = links.get(item.itemCode);
      if (link && link.state !== 'ambiguous' && !isSettled(link, hash)) toWrite.add(item.itemCode);
    }
    return [...toWrite];
  }

  async function raiseAmbiguous(tx: Tx, { itemCode, name }: ErpItem, why: string): Promise<void> {
    await deps.findings.raise(
      tx,
      {
        kind: 'partner_ambiguous',
        subject: `item:${itemCode}`,
        message: `${why} the code ${itemCode} (${name}). Nothing was created or changed.`,
        action: 'Delete the products that are too many, or change their code. It is looked at again the next day.',
        link: null,
      },
      deps.clock.now(),
    );
  }
}

interface HashedItem {
  readonly item: ErpItem;
  readonly hash: string;
}
interface Matched {
  readonly row: HashedItem;
  readonly match: ItemMatch;
}
type ItemMatch =
  | { readonly kind: 'linked'; readonly id: number }
  | { readonly kind: 'ambiguous'; readonly why: string }
  | { readonly kind: 'none' }
  /** What there is cannot be seen whole, so nothing is looked for among it. */
  | { readonly kind: 'held' };

/** Ids by code, and those that are another item's already. */
interface ProductIndex {
  readonly byCode: ReadonlyMap<string, readonly number[]>;
  readonly taken: ReadonlySet<number>;
}

function matchAll(
  index: ProductIndex | undefined,
  rows: readonly HashedItem[],
  links: ReadonlyMap<string, EntityLink>,
): readonly Matched[] {
  return rows.flatMap((row) => {
    const link = links.get(row.item.itemCode);
    const match: ItemMatch = index ? matchItem(index, row.item.itemCode, link?.pipedriveId ?? null) : { kind: 'held' };
    // None is made in the place of one that was deleted in Pipedrive.
    return link?.state === 'gone' && match.kind !== 'linked' ? [] : [{ row, match }];
  });
}

/** @param own the product that was this item's before: restored, it is again */
function matchItem({ byCode, taken }: ProductIndex, itemCode: string, own: number | null): ItemMatch {
  const ids = byCode.get(itemCode) ?? [];
  if (own !== null && ids.includes(own)) return { kind: 'linked', id: own };
  const [first, ...more] = ids;
  if (first === undefined) return { kind: 'none' };
  if (more.length > 0) return { kind: 'ambiguous', why: `${ids.length} products have` };
  if (taken.has(first)) return { kind: 'ambiguous', why: 'The product of another SAP item has' };
  return { kind: 'linked', id: first };
}

function linkFor({ item, hash }: HashedItem, match: ItemMatch): EntityLink {
  const base = { kind: 'item', sapKey: item.itemCode, pipedriveId: null, creatingSince: null } as const;
  switch (match.kind) {
    case 'linked':
      return { ...base, pipedriveId: match.id, state: 'linked', contentHash: null };
    case 'ambiguous':
      return { ...base, state: 'ambiguous', contentHash: hash };
    case 'none':
      return { ...base, state: 'to_create', contentHash: null };
    case 'held':
      return heldLink('item', item.itemCode);
    default:
      return match satisfies never;
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

async function loadProductIndex(deps: SyncDeps, context: SyncContext): Promise<ProductIndex> {
  const { crmCaller, workplace } = context;
  const byCode = new Map<string, number[]>();
  for await (const page of deps.crm.listProducts(crmCaller, {})) {
    for (const product of page) add(byCode, product);
  }
  const taken = await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
    deps.links.listLinkedIds(tx, workplace.connection.id, 'item'),
  );
  return { byCode, taken };
}

async function listTouched(deps: SyncDeps, { crmCaller }: SyncContext, since: Date): Promise<Touched> {
  const ids = new Set<number>();
  const keys = new Set<string>();
  for await (const page of deps.crm.listProducts(crmCaller, { updatedSince: since })) {
    for (const { id, code } of page) {
      ids.add(id);
      if (code) keys.add(code.trim());
    }
  }
  return { ids, keys };
}

function add(byCode: Map<string, number[]>, { code, id }: CrmProduct): void {
  const key = code?.trim();
  if (!key) return;
  byCode.set(key, [...(byCode.get(key) ?? []), id]);
}
