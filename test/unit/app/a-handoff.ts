import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import { connectionId, handoffId } from '../../../server/kernel/ids.ts';

/** A hand-off of deal 7 that waits for its first attempt. */
export function aHandoff(values: Partial<Handoff> = {}): Handoff {
  const now = new Date('2026-03-02T09:00:00Z');
  return {
    id: handoffId('00000000-0000-4000-8000-000000000001'),
    connectionId: connectionId('00000000-0000-4000-8000-000000000002'),
    dealId: 7,
    step: 'order',
    generation: 1,
    key: 'PD7-0123456789abcdef',
    state: 'pending',
    draft: null,
    draftHash: null,
    attempt: 0,
    sent: false,
    leaseUntil: null,
    settleAt: null,
    problems: [],
    docEntry: null,
    docNum: null,
    document: null,
    noteId: null,
    notePosting: false,
    trigger: 'won',
    byUserId: null,
    createdAt: now,
    updatedAt: now,
    ...values,
  };
}
