import type { HandoffView, SendView } from '../contract/panel.ts';
import type { HandoffState } from '../domain/order-handoff.ts';
import type { Problem } from '../kernel/errors.ts';
import type { ErpOrder } from './ports/erp.ts';
import type { Handoff } from './ports/handoff-store.ts';
import type { Settings } from './ports/settings-store.ts';
import type { Principal } from './principal.ts';

/** One hand-off in plain words, with what SAP says of its document where that was read. */
export function viewHandoff(handoff: Handoff, order: ErpOrder | undefined, webClientUrl: string | null): HandoffView {
  return {
    id: handoff.id,
    step: handoff.step,
    state: handoff.state,
    sentence: sentenceOf(handoff, order),
    problems: handoff.problems.map((problem) => ({ ...problem })),
    docNum: handoff.docNum,
    document: handoff.document,
    documentStatus: statusOf(order),
    total: order ? { amount: order.total, currency: order.currency } : null,
    date: order?.date ?? null,
    link: documentLink(handoff, webClientUrl),
    updatedAt: handoff.updatedAt.toISOString(),
  };
}

/** A draft stands as waiting until it is an order, whoever it waits for. */
function statusOf(order: ErpOrder | undefined): HandoffView['documentStatus'] {
  return order?.status === 'approved' ? 'waiting_for_approval' : (order?.status ?? null);
}

/** The document in SAP's Web Client; null without the client's address or without a document. */
export function documentLink(
  handoff: Pick<Handoff, 'docEntry' | 'document'>,
  webClientUrl: string | null,
): string | null {
  if (!webClientUrl || handoff.docEntry === null || handoff.document === null) return null;
  const kind = handoff.document === 'order' ? 'ORDR' : 'ODRF';
  return `${webClientUrl.replace(/\/+$/, '')}/#webclient-${kind}&/Objects/${kind}/${handoff.docEntry}/Detail`;
}

const SENTENCES: Record<Exclude<HandoffState, 'posted' | 'written_back'>, string> = {
  pending: 'On its way to SAP.',
  posting: 'Being written to SAP.',
  unconfirmed: 'Waiting for SAP to confirm. This can take a few minutes; nothing is sent twice.',
  needs_attention: 'Not sent. Something has to be corrected first.',
  cancelled: 'Called off before it was sent.',
};

function sentenceOf(handoff: Handoff, order: ErpOrder | undefined): string {
  if (handoff.state !== 'posted' && handoff.state !== 'written_back') return SENTENCES[handoff.state];
  const [problem] = handoff.problems;
  if (handoff.document === 'draft' && problem) return problem.message;
  if (order?.status === 'rejected') return `SAP’s approver turned draft ${handoff.docNum} down.`;
  if (order?.status === 'approved') return `Approved in SAP as draft ${handoff.docNum}; it is not an order yet.`;
  if (handoff.document === 'draft') return `Waiting for approval in SAP as draft ${handoff.docNum}.`;
  if (order?.status === 'cancelled') return `Sales order ${handoff.docNum} was cancelled in SAP.`;
  return `Sales order ${handoff.docNum} is in SAP.`;
}

/** What the panel's one button does now. */
export function viewSend(
  handoffs: readonly Handoff[],
  problems: readonly Problem[],
  principal: Principal,
  settings: Settings,
): SendView {
  const newest = handoffs.at(-1);
  const allowed = settings.whoMaySend === 'everyone_who_sees_the_deal' || principal.isAdmin;
  if (newest?.state === 'posted' || newest?.state === 'written_back') {
    const what = newest.document === 'draft' ? 'draft' : 'order';
    return { action: 'done', label: `In SAP: ${what} ${newest.docNum}`, reason: null, problems: [] };
  }
  if (!allowed)
    return {
      action: 'not_allowed',
      label: 'Send to SAP',
      reason: 'Only admins may send deals to SAP in your company.',
      problems: [],
    };
  if (!settings.erpFieldAgreed) {
    const reason =
      'An admin has to agree to the key field in SAP first, in the app settings. Without it nothing is sent.';
    return { action: 'not_allowed', label: 'Send to SAP', reason, problems: [] };
  }
  // Without a draft nothing is on its way: the deal is on record, and a person may send it.
  const begun = newest && (newest.state !== 'pending' || newest.draft !== null);
  if (begun && ['pending', 'posting', 'unconfirmed'].includes(newest.state)) {
    return {
      action: 'wait',
      label: 'On its way to SAP',
      reason: SENTENCES[newest.state === 'unconfirmed' ? 'unconfirmed' : 'pending'],
      problems: [],
    };
  }
  if (newest?.state === 'needs_attention') {
    return {
      action: 'check_again',
      label: 'Check again',
      reason: null,
      problems: newest.problems.map((problem) => ({ ...problem })),
    };
  }
  return {
    action: 'send',
    label: 'Send to SAP as sales order',
    reason: null,
    problems: problems.map((problem) => ({ ...problem })),
  };
}
