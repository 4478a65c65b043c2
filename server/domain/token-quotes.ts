/**
 * What jobs cost before they run, in Pipedrive's tokens. Prices from the official descriptions (`x-token-cost`), held
 * against the generated ones by a test.
 */
export const QUOTED_PRICES = { list: 10, get: 1, write: 5, page: 500, ids: 100 } as const;
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
  /** Organizations in Pipedrive before. */
  readonly organizations: number;
  /** Fields that are still to be made there. */
  readonly fields: number;
}

/**
 * Each customer, contact and item is written once. An organization that is there already is read before, and its people
 * are looked through; all organizations and products are listed once, and so are fields before some are made.
 */
export function quoteFirstLoad({ partners, known, contacts, items, organizations, fields }: LoadCounts): number {
  const making = fields > 0 ? fields * write + 4 * list : 0;
  const lists = pages(organizations) * list + list;
  return making + lists + partners * write + known * (list + get) + contacts * write + items * write;
}

/** All prices written anew, as after the choice of another price list: at most every linked product. */
export function quoteAllPrices(products: number): number {
  return products * write;
}

/** Linked records, by kind, held against Pipedrive: every list once. */
export function quoteComparison(linked: readonly number[]): number {
  return linked.filter((count) => count > 0).reduce((sum, count) => sum + pages(count) * list, 0);
}

/** Stored notifications processed once more: their records are read again in hundreds. At most. */
export function quoteReplay(deliveries: number): number {
  return Math.ceil(deliveries / ids) * list;
}
