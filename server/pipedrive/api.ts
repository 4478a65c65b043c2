import type { z } from 'zod';
import type { CrmCaller } from '../app/ports/crm.ts';
import type { Logger } from '../kernel/logger.ts';
import { oldPage, page } from './envelopes.ts';
import { notAnswering, unreadableAnswer } from './errors.ts';
import type { OperationKey } from './operation-list.ts';
import type { Operation } from './operations.ts';
import { type CallInput, checkInput, type TypedInput } from './outgoing.ts';
import { notAskedFor } from './plausibility.ts';
import type { RequestSender } from './request-sender.ts';

/** Calls whose answers have passed a schema; what resources are made from. */
export interface Api {
  /** @throws {TypeError} for a name that the description of the call lacks, before anything is sent */
  call<Key extends OperationKey, Answer>(
    caller: CrmCaller,
    operation: Operation<Key>,
    input: TypedInput<NoInfer<Key>>,
    answer: z.ZodType<Answer>,
  ): Promise<Answer>;
  /** All pages of API v2, 500 rows each. @throws {UnavailableError} when they do not come to an end */
  pages<Key extends OperationKey, Row>(
    caller: CrmCaller,
    operation: Operation<Key>,
    input: TypedInput<NoInfer<Key>>,
    row: z.ZodType<Row>,
  ): AsyncGenerator<readonly Row[]>;
  /** All pages of API v1, which counts them by a start number, 500 rows each. @throws {UnavailableError} likewise */
  oldPages<Key extends OperationKey, Row>(
    caller: CrmCaller,
    operation: Operation<Key>,
    input: TypedInput<NoInfer<Key>>,
    row: z.ZodType<Row>,
  ): AsyncGenerator<readonly Row[]>;
  readonly logger: Logger;
}

/** The cost is the same for any page size, so it is always the largest. */
const PAGE_SIZE = 500;
/** Half a million rows: more than a company that this app serves can hold. */
const MOST_PAGES = 1_000;
/** A page may be empty and still name a next one; more of them in a row mean that it never ends. */
const MOST_EMPTY_PAGES = 20;

export function createApi(sender: RequestSender, logger: Logger): Api {
  async function send<Answer>(
    caller: CrmCaller,
    operation: Operation,
    input: CallInput,
    answer: z.ZodType<Answer>,
  ): Promise<Answer> {
    checkInput(operation, input);
    const { json, requestId } = await sender.send(caller, operation, input);
    const parsed = answer.safeParse(json);
    if (!parsed.success) {
      logger.warn('Pipedrive gave an answer that cannot be read', {
        installationId: caller.installationId,
        operation: operation.name,
        correlationId: requestId,
      });
      throw unreadableAnswer(operation.method, parsed.error, requestId);
    }
    return parsed.data;
  }

  return {
    logger,
    call: send,

    async *pages(caller, operation, input, row) {
      const bounds = startBounds();
      let cursor: string | undefined;
      do {
        bounds.next(cursor);
        const query = { ...input.query, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
        const answer = await send(caller, operation, { ...input, query }, page(row));
        bounds.got(answer.data.length);
        yield answer.data;
        cursor = answer.additional_data?.next_cursor || undefined;
      } while (cursor !== undefined);
    },

    async *oldPages(caller, operation, input, row) {
      const bounds = startBounds();
      let start: number | undefined = 0;
      do {
        bounds.next(String(start));
        const query = { ...input.query, start, limit: PAGE_SIZE };
        const answer: OldPage<z.output<typeof row>> = await send(caller, operation, { ...input, query }, oldPage(row));
        bounds.got(answer.data.length);
        yield answer.data;
        start = nextStart(answer, start);
      } while (start !== undefined);
    },
  };
}

interface Next {
  readonly more_items_in_collection?: boolean | null | undefined;
  readonly next_start?: number | null | undefined;
}

interface OldPage<Row> {
  readonly data: readonly Row[];
  /** Some calls put the paging one level deeper than others. */
  readonly additional_data?: (Next & { readonly pagination?: Next | null | undefined }) | null | undefined;
}

function nextStart({ additional_data: additional }: OldPage<unknown>, start: number): number | undefined {
  const paging = additional?.pagination ?? additional;
  return paging?.more_items_in_collection ? (paging.next_start ?? start + PAGE_SIZE) : undefined;
}

/** Watches over one walk through pages. */
function startBounds(): { next(cursor: string | undefined): void; got(rows: number): void } {
  const asked = new Set<string>();
  let empty = 0;
  return {
    next(cursor = '') {
      if (asked.has(cursor)) throw notAnswering(new Error('the same page twice'));
      if (asked.size >= MOST_PAGES || empty > MOST_EMPTY_PAGES) throw notAnswering(new Error('pages without end'));
      asked.add(cursor);
    },
    got(rows) {
      // The size of a page was passed over: then so was every other parameter.
      if (rows > 2 * PAGE_SIZE) throw notAskedFor();
      empty = rows === 0 ? empty + 1 : 0;
    },
  };
}
