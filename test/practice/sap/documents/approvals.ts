import type { Fields } from '../../kernel/json.ts';
import { recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { noMatch, refused, unsupported } from '../errors.ts';
import { stamped } from './change.ts';
import type { DocumentKind } from './kinds.ts';

/** The user that asks and the one that decides, by their internal keys; the practice company has one of each. */
const ORIGINATOR = 1;
const AUTHORIZER = 2;

export type Decision = 'dasApproved' | 'dasRejected';

/** Writes down that a draft waits for an authorizer. */
export function requestApproval(company: Company, kind: DocumentKind, draftEntry: number): void {
  const code = company.next('ApprovalRequests.Code');
  const stamp = company.stamp();
  company.table('ApprovalRequests').put(String(code), {
    Code: code,
    ApprovalTemplatesID: 1,
    ObjectType: String(kind.objectType),
    IsDraft: 'Y',
    ObjectEntry: draftEntry,
    Status: 'arsPending',
    Remarks: '',
    CurrentStage: 1,
    OriginatorID: ORIGINATOR,
    CreationDate: stamp.date,
    CreationTime: stamp.time,
    DraftEntry: draftEntry,
    DraftType: '112',
    ApprovalRequestLines: [
      {
        StageCode: 1,
        UserID: AUTHORIZER,
        Status: 'ardPending',
        Remarks: '',
        CreationDate: stamp.date,
        CreationTime: stamp.time,
      },
    ],
    ApprovalRequestDecisions: [],
  });
}

function requestFor(company: Company, draftEntry: number): Fields | undefined {
  return company
    .table('ApprovalRequests')
    .all()
    .filter((row) => textOf(row, 'DraftEntry') === String(draftEntry))
    .at(-1);
}

/** The draft's request as it is changed; nothing where the draft never needed one. */
function changeRequest(company: Company, draftEntry: number, change: (request: Fields) => Fields): void {
  const request = requestFor(company, draftEntry);
  if (request === undefined) return;
  company.table('ApprovalRequests').put(textOf(request, 'Code'), { ...request, ...change(request) });
}

function putDraft(company: Company, draftEntry: number, change: Fields): void {
  const draft = company.table('Drafts').get(String(draftEntry));
  if (draft === undefined) throw noMatch();
  company.table('Drafts').put(String(draftEntry), stamped(company, { ...draft, ...change }));
}

/** What an authorizer decides about a draft that waits, with the words for whoever asked. */
export function decideDraft(company: Company, draftEntry: number, decision: Decision, remarks = ''): void {
  putDraft(company, draftEntry, { AuthorizationStatus: decision });
  const approved = decision === 'dasApproved';
  const stamp = company.stamp();
  changeRequest(company, draftEntry, (request) => ({
    Status: approved ? 'arsApproved' : 'arsNotApproved',
    ApprovalRequestLines: recordsOf(request, 'ApprovalRequestLines').map((line) => ({
      ...line,
      Status: approved ? 'ardApproved' : 'ardNotApproved',
      Remarks: remarks,
      UpdateDate: stamp.date,
      UpdateTime: stamp.time,
    })),
  }));
}

/** The draft has become a document: the request points at that from now on. */
export function settleRequest(
  company: Company,
  draftEntry: number,
  docEntry: number,
  generatedBy: 'originator' | 'authorizer',
): void {
  changeRequest(company, draftEntry, () => ({
    Status: generatedBy === 'originator' ? 'arsGenerated' : 'arsGeneratedByAuthorizer',
    IsDraft: 'N',
    ObjectEntry: docEntry,
  }));
}

/** A draft that is deleted takes its request with it. */
export function dropRequest(company: Company, draftEntry: number): void {
  changeRequest(company, draftEntry, () => ({ Status: 'arsCancelled' }));
}

/** `CancelApprovalRequest`: whoever asked takes it back. @throws SapError -5006 where it is decided already. */
export function cancelRequest(company: Company, request: Fields): void {
  if (textOf(request, 'Status') !== 'arsPending') throw unsupported();
  company.table('ApprovalRequests').put(textOf(request, 'Code'), { ...request, Status: 'arsCancelled' });
  putDraft(company, Number(textOf(request, 'DraftEntry')), { AuthorizationStatus: 'dasCancelled' });
}

/** `RestoreApprovalRequest`. */
export function restoreRequest(company: Company, request: Fields): void {
  if (textOf(request, 'Status') !== 'arsCancelled') throw unsupported();
  company.table('ApprovalRequests').put(textOf(request, 'Code'), { ...request, Status: 'arsPending' });
  putDraft(company, Number(textOf(request, 'DraftEntry')), { AuthorizationStatus: 'dasPending' });
}

/** The integration's user is nobody's authorizer: it may look and leave words, but not decide. */
export function patchRequest(company: Company, before: Fields, sent: Fields): void {
  if (recordsOf(sent, 'ApprovalRequestDecisions').length > 0)
    throw refused('User is not an authorizer of this request  [OWDD.UserSign]');
  company
    .table('ApprovalRequests')
    .put(textOf(before, 'Code'), { ...before, Remarks: textOf(sent, 'Remarks') || textOf(before, 'Remarks') });
}
