import { z } from 'zod';
import type { Handoff } from '../app/ports/handoff-store.ts';
import type { OrderDraft } from '../domain/order-handoff.ts';
import { connectionId, handoffId } from '../kernel/ids.ts';
import { type HandoffRow, safeInteger, safeIntegerOrNull } from './rows.ts';

const StoredDraft: z.ZodType<OrderDraft> = z.strictObject({
  cardCode: z.string(),
  documentDate: z.string(),
  dueDate: z.string(),
  currency: z.string(),
  comments: z.string(),
  lines: z.array(
    z.strictObject({
      lineId: z.number(),
      itemCode: z.string(),
      quantity: z.string(),
      unitPrice: z.string(),
      discountPercent: z.string(),
    }),
  ),
});

const StoredProblems = z.array(z.object({ code: z.string(), message: z.string(), at: z.string().exactOptional() }));

export function toHandoff(row: HandoffRow): Handoff {
  return {
    id: handoffId(row.id),
    connectionId: connectionId(row.connection_id),
    dealId: safeInteger(row.deal_id),
    step: row.step,
    generation: row.generation,
    key: row.key,
    state: row.state,
    draft: row.draft === null ? null : StoredDraft.parse(row.draft),
    draftHash: row.draft_hash,
    attempt: row.attempt,
    sent: row.sent,
    leaseUntil: row.lease_until,
    settleAt: row.settle_at,
    problems: StoredProblems.parse(row.problems),
    docEntry: row.doc_entry,
    docNum: row.doc_num,
    document: row.document,
    noteId: safeIntegerOrNull(row.note_id),
    notePosting: row.note_posting,
    trigger: row.trigger,
    byUserId: safeIntegerOrNull(row.by_user_id),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
