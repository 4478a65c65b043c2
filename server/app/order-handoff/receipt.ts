import { day } from '../../domain/wording.ts';
import { documentLink } from '../handoff-view.ts';
import type { Handoff } from '../ports/handoff-store.ts';

/** What the deal's fields say about its way into SAP. */
export interface Receipt {
  /** e.g. `Sales order 1234`; empty while there is no document. */
  readonly document: string | null;
  readonly status: string;
  readonly link: string | null;
  /** Into SAP's Web Client; null without its address. */
  readonly inSap: string | null;
}

/** Pipedrive's short text fields hold 255 characters. */
const MOST = 255;

/** @param dealUrl the deal in Pipedrive, whose panel shows the document */
export function receiptOf(handoff: Handoff, dealUrl: string, webClientUrl: string | null): Receipt {
  const posted = handoff.docNum !== null;
  const document = posted ? `${handoff.document === 'draft' ? 'Order draft' : 'Sales order'} ${handoff.docNum}` : null;
  const inSap = documentLink(handoff, webClientUrl);
  return { document, status: statusOf(handoff).slice(0, MOST), link: posted ? (inSap ?? dealUrl) : null, inSap };
}

function statusOf(handoff: Handoff): string {
  switch (handoff.state) {
    case 'posted':
    case 'written_back':
      return handoff.document === 'draft' ? statusOfDraft(handoff) : 'In SAP';
    case 'needs_attention':
      return `Not sent: ${handoff.problems.map((problem) => problem.message).join(' ')}`;
    case 'cancelled':
      return 'Called off';
    case 'pending':
    case 'posting':
    case 'unconfirmed':
      return 'On its way to SAP';
    default:
      return handoff.state satisfies never;
  }
}

/** What an approver said, or what keeps the draft from becoming an order. */
function statusOfDraft({ problems }: Handoff): string {
  const said = problems.map((problem) => problem.message).join(' ');
  return said === '' ? 'Waiting for approval in SAP' : said;
}

/** The note on the deal. The key makes it findable when an answer got lost. */
export function receiptNote(handoff: Handoff, receipt: Receipt): string {
  const { draft } = handoff;
  const parts = [
    `<b>${escapeHtml(receipt.document ?? 'Order')} is in SAP</b>`,
    draft
      ? `Customer ${escapeHtml(draft.cardCode)}, ${draft.lines.length} ${draft.lines.length === 1 ? 'line' : 'lines'}, delivery ${day(draft.dueDate)}.`
      : '',
    receipt.inSap ? `<a href="${escapeHtml(receipt.inSap)}">Open in SAP</a>` : '',
    `Reference ${escapeHtml(handoff.key)}`,
  ];
  return parts.filter(Boolean).join('<br>');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
