import { z } from 'zod';
import { RejectedError } from '../kernel/errors.ts';
import type { Lane } from '../net/limiter.ts';
import type { BatchPart } from './batch.ts';
import type { SapCompany } from './company.ts';
import { parseJson } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';
import { type EntitySet, list, type Query } from './odata.ts';
import { unreadable } from './refusals.ts';

export interface Rows<T> {
  readonly rows: readonly T[];
  /** There may be more behind these: a full page, or SAP says so. */
  readonly more: boolean;
}

/** Largest page asked for: SAP's own guidance is 100 to 500 rows. */
export const PAGE_SIZE = 200;

const Envelope = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  'odata.nextLink': z.string().optional(),
});

/** Reads one page. The link to the next one is a hint that there is one, never an address that is followed. */
export function readRows<T>(answer: HttpAnswer, row: z.ZodType<T>, asked: number): Rows<T> {
  const envelope = Envelope.safeParse(parseJson(answer.body));
  if (!envelope.success) throw unreadable(envelope.error);
  const rows = z.array(row).safeParse(envelope.data.value);
  if (!rows.success) throw unreadable(rows.error);
  const linked = (envelope.data['@odata.nextLink'] ?? envelope.data['odata.nextLink']) !== undefined;
  return { rows: rows.data, more: rows.data.length > 0 && (linked || rows.data.length >= asked) };
}

export function readOne<T>(answer: HttpAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(answer.body));
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

/** Both the page size and `$top` are said: which of them counts beyond 20 rows differs between servers. */
export function preferPage(rows: number): string {
  return `odata.maxpagesize=${rows}`;
}

/** One page of an entity set. */
export function readPage<S extends EntitySet, T>(
  company: SapCompany,
  set: S,
  query: Query<S> & { readonly top: number },
  row: z.ZodType<T>,
  lane?: Lane,
): Promise<Rows<T>> {
  return withSelectableCollections(company, () =>
    company.read(
      () => ({
        method: 'GET',
        target: list(set, { ...query, select: selectFor(company, query.select) }),
        headers: { prefer: preferPage(query.top) },
      }),
      (answer) => readRows(answer, row, query.top),
      lane,
    ),
  );
}

/** All pages, each continued behind the last row of the one before. */
export async function readAll<T>(page: (last: T | undefined) => Promise<Rows<T>>): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const { rows, more } = await page(all.at(-1));
    all.push(...rows);
    if (!more) return all;
  }
}

/** A list as a part of a batch. */
export function listPart<S extends EntitySet>(
  company: SapCompany,
  set: S,
  query: Query<S> & { readonly top: number },
): BatchPart {
  const target = list(set, { ...query, select: selectFor(company, query.select) });
  return { method: 'GET', target, prefer: preferPage(query.top) };
}

const COLLECTIONS: ReadonlySet<string> = new Set([
  'BPAddresses',
  'ContactEmployees',
  'ItemPrices',
  'ItemWarehouseInfoCollection',
  'DocumentLines',
  'JournalEntryLines',
]);

export function selectFor<F extends string>(
  company: SapCompany,
  select: readonly F[] | undefined,
): readonly F[] | undefined {
  const whole = !company.memory.collectionsSelectable && select?.some((field) => COLLECTIONS.has(field));
  return whole ? undefined : select;
}

/** Some v2 systems refuse collections in `$select`: from then on whole records are asked for. */
export async function withSelectableCollections<T>(company: SapCompany, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!company.memory.collectionsSelectable || !refusesCollection(error)) throw error;
    company.memory.collectionsSelectable = false;
    return work();
  }
}

/** Codes for a bad query: 201 seen live, -1000 in the guide. */
export function isBadQuery(error: unknown): error is RejectedError {
  return error instanceof RejectedError && (error.code === '201' || error.code === '-1000');
}

function refusesCollection(error: unknown): boolean {
  return isBadQuery(error) && [...COLLECTIONS].some((name) => error.words.includes(name));
}
