import { z } from 'zod';
import type { UnreadableRecord } from '../app/ports/erp.ts';
import { RejectedError, UnavailableError } from '../kernel/errors.ts';
import type { Lane } from '../net/limiter.ts';
import type { BatchPart } from './batch.ts';
import { UnreadableBodyError } from './body.ts';
import type { SapCompany } from './company.ts';
import { parseExactly } from './exact-json.ts';
import { type HttpAnswer, NoAnswerError } from './exchange.ts';
import { SAP_NAMES } from './names.generated.ts';
import { type EntitySet, type FieldOf, list, type Query } from './odata.ts';
import { unreadable } from './refusals.ts';
import { asExpected, wrongIn } from './row-repair.ts';
import { codeOf } from './trust.ts';

/** What a page holds where a server does not do as it is asked (reference 4.3). */
const SMALLEST_PAGE = 20;

export interface Rows<T> {
  readonly rows: readonly T[];
  /** There may be more behind these: a full page, or SAP says so. */
  readonly more: boolean;
  /** Records of this page that could not be read; empty unless the key's field was named. */
  readonly unreadable: readonly UnreadableRecord[];
}

const Envelope = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  'odata.nextLink': z.string().optional(),
});

/**
 * Reads one page. The link to the next one is a hint that there is one, never an address that is followed.
 * @param key field by which a record that cannot be read is named and left out; without it, one such record makes the
 * page unreadable
 */
export function readRows<T>(answer: HttpAnswer, row: z.ZodType<T>, asked: number, key?: string): Rows<T> {
  const envelope = Envelope.safeParse(parseExactly(answer.body));
  if (!envelope.success) throw unreadable(envelope.error);
  const { value } = envelope.data;
  const rows: T[] = [];
  const bad: UnreadableRecord[] = [];
  for (const raw of value) {
    const read = readRow(row, raw);
    if (read.success) rows.push(read.data);
    else bad.push(named(raw, key, read.error));
  }
  const more = mayHaveMore(answer, value.length, asked, envelope.data);
  // Nothing to go on from, and no single record to blame.
  if (rows.length === 0 && more) {
    if (bad.length > 0) throw unreadable(new RangeError('not one record of the page can be read'));
  }
  return { rows, more, unreadable: bad };
}

export function readOne<T>(answer: HttpAnswer, schema: z.ZodType<T>): T {
  const read = readRow(schema, parseExactly(answer.body));
  if (!read.success) throw unreadable(read.error);
  return read.data;
}

/** A value of another make than expected, but of one meaning, is taken: `"7"` for 7, true for `tYES`. */
function readRow<T>(schema: z.ZodType<T>, raw: unknown): z.ZodSafeParseResult<T> {
  const read = schema.safeParse(raw);
  if (read.success) return read;
  const mended = asExpected(raw, read.error.issues);
  return mended === undefined ? read : schema.safeParse(mended);
}

function named(raw: unknown, field: string | undefined, error: z.ZodError): UnreadableRecord {
  const key = field === undefined ? undefined : keyIn(raw, field);
  if (key === undefined) throw unreadable(error);
  return { key, reason: wrongIn(raw, error.issues) };
}

function keyIn(raw: unknown, field: string): string | undefined {
  const found = z.record(z.string(), z.unknown()).safeParse(raw).data?.[field];
  if (typeof found === 'string' && found !== '') return found;
  return typeof found === 'number' ? String(found) : undefined;
}

/**
 * A server that says it applies the page size ends with a page that is not full. One that passes over it may stop at any
 * size of its own, with or without a link: then the question is put once more behind the last row.
 */
function mayHaveMore(
  answer: HttpAnswer,
  count: number,
  asked: number,
  links: Pick<z.output<typeof Envelope>, '@odata.nextLink' | 'odata.nextLink'>,
): boolean {
  if (count === 0) return false;
  const linked = (links['@odata.nextLink'] ?? links['odata.nextLink']) !== undefined;
  if (linked || count >= asked) return true;
  const applied = answer.header('preference-applied')?.includes('odata.maxpagesize') === true;
  return !applied && count >= SMALLEST_PAGE;
}

/** Largest page asked for: SAP's own guidance is 100 to 500 rows. */
export const PAGE_SIZE = 500;

/** Both the page size and `$top` are said: which of them counts beyond 20 rows differs between servers. */
export function preferPage(rows: number): string {
  return `odata.maxpagesize=${rows}`;
}

/** A list must say what it wants, in which order, and how much of it. */
export type PageQuery<S extends EntitySet> = Query<S> & {
  readonly select: readonly FieldOf<S>[];
  readonly orderBy: NonNullable<Query<S>['orderBy']>;
  readonly top: number;
};

/**
 * One page of an entity set. Where an answer is larger than can be read at once, smaller pages are asked for from then on.
 * @param key field by which records that cannot be read are named; without it one of them fails the page
 */
export async function readPage<S extends EntitySet, T>(
  company: SapCompany,
  set: S,
  query: PageQuery<S>,
  row: z.ZodType<T>,
  lane?: Lane,
  key?: FieldOf<S>,
): Promise<Rows<T>> {
  const top = Math.min(query.top, company.memory.largestPage.get(set) ?? query.top);
  try {
    return await withSelectableCollections(company, () => readOnce(company, set, { ...query, top }, row, lane, key));
  } catch (error) {
    if (!isTooLarge(error) || top <= SMALLEST_PAGE) throw error;
    company.memory.largestPage.set(set, Math.max(SMALLEST_PAGE, Math.floor(top / 2)));
    return readPage(company, set, query, row, lane, key);
  }
}

function readOnce<S extends EntitySet, T>(
  company: SapCompany,
  set: S,
  query: PageQuery<S>,
  row: z.ZodType<T>,
  lane: Lane | undefined,
  key: FieldOf<S> | undefined,
): Promise<Rows<T>> {
  return company.read(
    () => ({
      method: 'GET',
      target: list(set, { ...query, select: selectFor(company, query.select) }),
      headers: { prefer: preferPage(query.top) },
    }),
    (answer) => readRows(answer, row, query.top, key),
    lane,
  );
}

function isTooLarge(error: unknown): boolean {
  const cause = error instanceof UnavailableError ? error.cause : undefined;
  if (!(cause instanceof NoAnswerError)) return false;
  const unpacking = cause.cause instanceof UnreadableBodyError ? codeOf(cause.cause.cause) : undefined;
  return codeOf(cause.cause) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || unpacking === 'ERR_BUFFER_TOO_LARGE';
}

/** So that no server can fill our memory: far more than any list that is read whole. */
const MOST_ROWS = 200_000;

/** All rows of a short list. @throws as `eachPage` */
export async function readAll<T>(page: (last: T | undefined) => Promise<Rows<T>>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const rows of eachPage(page)) {
    all.push(...rows);
    if (all.length > MOST_ROWS) throw unreadable(new RangeError('a list without an end'));
  }
  return all;
}

/**
 * Page after page, each continued behind the last row of the one before; one page is kept at a time.
 * @throws {TemporaryError} when the server gives a page again, as one does that passes over the filter
 */
export async function* eachPage<T>(
  page: (last: T | undefined) => Promise<Rows<T>>,
): AsyncGenerator<readonly T[], void, undefined> {
  const ends = new Set<string>();
  let last: T | undefined;
  for (;;) {
    const { rows, more } = await page(last);
    last = rows.at(-1);
    if (last !== undefined) {
      const end = JSON.stringify(last);
      if (ends.has(end)) throw unreadable(new RangeError('the same page again'));
      ends.add(end);
    }
    if (rows.length > 0) yield rows;
    if (!more || last === undefined) return;
  }
}

/**
 * The same page, if it lies behind the key it was asked for.
 * @throws {TemporaryError} otherwise: the server passes over the filter, and the walk would never end
 */
export function behind<T>(page: Rows<T>, afterKey: string | null, keyOf: (row: T) => string): Rows<T> {
  if (afterKey !== null && page.rows.some((row) => keyOf(row) === afterKey)) {
    throw unreadable(new RangeError('records that were not asked for'));
  }
  return page;
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

/** Every property that holds a list, of whatever type. */
const COLLECTIONS: ReadonlySet<string> = new Set(
  Object.values<Readonly<Record<string, string>>>(SAP_NAMES.types).flatMap((fields) =>
    Object.keys(fields).filter((name) => fields[name] === 'list'),
  ),
);

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

export function refusesCollection(error: unknown): boolean {
  return isBadQuery(error) && [...COLLECTIONS].some((name) => error.words.includes(name));
}
