import type { z } from 'zod';
import type { CrmCaller } from '../app/ports/crm.ts';
import type { Logger } from '../kernel/logger.ts';
import { page } from './envelopes.ts';
import { notAnswering, unreadableAnswer } from './errors.ts';
import type { Operation } from './operations.ts';
import type { CallInput } from './outgoing.ts';
import type { RequestSender } from './request-sender.ts';

/** Calls whose answers have passed a schema; what resources are made from. */
export interface Api {
  call<Answer>(caller: CrmCaller, operation: Operation, input: CallInput, answer: z.ZodType<Answer>): Promise<Answer>;
  /** Pages of 500, from the first to the last; ends with `unavailable` when Pipedrive gives a cursor twice. */
  pages<Row>(
    caller: CrmCaller,
    operation: Operation,
    input: CallInput,
    row: z.ZodType<Row>,
  ): AsyncGenerator<readonly Row[]>;
  readonly logger: Logger;
}

/** The cost is the same for any page size, so it is always the largest. */
export const PAGE_SIZE = 500;

export function createApi(sender: RequestSender, logger: Logger): Api {
  const call: Api['call'] = async (caller, operation, input, answer) => {
    const parsed = answer.safeParse(await sender.send(caller, operation, input));
    if (!parsed.success) throw unreadableAnswer(operation.method, parsed.error);
    return parsed.data;
  };

  return {
    logger,
    call,
    async *pages(caller, operation, input, row) {
      const seen = new Set<string>();
      let cursor: string | undefined;
      do {
        const query = { ...input.query, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
        const answer = await call(caller, operation, { ...input, query }, page(row));
        yield answer.data;
        cursor = answer.additional_data?.next_cursor ?? undefined;
        if (cursor !== undefined && seen.has(cursor)) throw notAnswering(new Error('the same cursor twice'));
        if (cursor !== undefined) seen.add(cursor);
      } while (cursor !== undefined);
    },
  };
}
