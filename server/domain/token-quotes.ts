/**
 * What jobs cost before they run, in Pipedrive's tokens. Prices from the official descriptions (`x-token-cost`), held
 * against the generated ones by a test.
 */
export const QUOTED_PRICES = { list: 10, get: 1, write: 5, identity: 2, page: 500, ids: 100 } as const;
const { list, get, write, page, ids } = QUOTED_PRICES;

const pages = (records: number): number => Math.max(1, Math.ceil(records / page));

/** Of a first load, as counted or judged by a sample. */
export interface LoadCounts {
  /** Customers and leads that are in use. */
  readonly partners: number;
  /** Of these: so many have an organization in Pipedrive already. */
  readonly known: number;
  /** Contact persons in use. */
  readonly contacts: number;
  /** Items for sale. */
  readonly items: number;
  /** Of these: so many have a product in Pipedrive already. */
  readonly knownItems: number;
  /** Organizations in Pipedrive before. */
  readonly organizations: number;
  /** Products in Pipedrive before. */
  readonly products: number;
  /** Fields that are still to be made there. */
  readonly fields: number;
}

/**
 * Each customer, contact and item is written once. An organization that is there already is read before, and its people
 * are looked through; so is a product, for the prices that people keep in it. All organizations and products are listed
 * once, and so are fields before some are made.
 */
export function quoteFirstLoad(counts: LoadCounts): number {
  const { partners, known, contacts, items, knownItems, organizations, products, fields } = counts;
  const making = fields > 0 ? fields * write + 4 * list : 0;
  const lists = (pages(organizations) + pages(products)) * list;
  const reads = known * (list + get) + knownItems * get;
  return making + lists + reads + (partners + contacts + items) * write;
}

/**
 * All prices written anew, as after the choice of another price list: every linked product is read, written, and read
 * once more when Pipedrive notifies of it; all are listed where one is still to be matched. At most.
 */
export function quoteAllPrices(products: number): number {
  return products * (get + write + get) + pages(products) * list;
}

/** Linked records, by kind, held against Pipedrive: every list once. */
export function quoteComparison(linked: readonly number[]): number {
  return linked.filter((count) => count > 0).reduce((sum, count) => sum + pages(count) * list, 0);
}

/** Stored notifications processed once more: their records are read again in hundreds. At most. */
export function quoteReplay(deliveries: number): number {
  return Math.ceil(deliveries / ids) * list;
}
