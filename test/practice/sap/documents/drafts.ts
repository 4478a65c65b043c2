import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { noMatch, refused } from '../errors.ts';
import { requestApproval, settleRequest } from './approvals.ts';
import { stamped, without } from './change.ts';
import { buildDocument, postDocument } from './create.ts';
import type { DocumentKind } from './kinds.ts';
import { findKindByCode } from './kinds.ts';

/** Keeps a document as a draft: nothing is reserved and nothing is owed. */
export function saveDraft(company: Company, built: Fields, authorization: 'dasWithout' | 'dasPending'): Fields {
  const entry = company.next('Drafts.DocEntry');
  const draft = { ...built, DocEntry: entry, DocNum: entry, AuthorizationStatus: authorization };
  company.table('Drafts').put(String(entry), draft);
  if (authorization === 'dasPending') requestApproval(company, draftKind(draft), entry);
  return draft;
}

/** @throws SapError where DocObjectCode names no document that the practice company knows. */
export function draftKind(sent: Fields): DocumentKind {
  const kind = findKindByCode(textOf(sent, 'DocObjectCode'));
  if (kind === undefined) throw refused('Object code of the draft is missing or invalid  [ODRF.ObjType]');
  return kind;
}

/**
 * Turns a draft into its document; the draft stays behind, closed.
 * @throws SapError -2028 without such a draft, -5002 while an approval is missing or where it is closed.
 */
export function draftToDocument(
  company: Company,
  draftEntry: number,
  generatedBy: 'originator' | 'authorizer' = 'originator',
): Fields {
  const draft = company.table('Drafts').get(String(draftEntry));
  if (draft === undefined) throw noMatch();
  const authorization = textOf(draft, 'AuthorizationStatus');
  if (textOf(draft, 'DocumentStatus') !== 'bost_Open') throw refused('Draft has already been closed  [ODRF.DocEntry]');
  if (authorization !== 'dasWithout' && authorization !== 'dasApproved')
    throw refused('Draft is not approved  [ODRF.DocEntry]');
  const kind = draftKind(draft);
  const again = buildDocument(
    company,
    kind,
    without(draft, ['DocEntry', 'DocNum', 'AuthorizationStatus', 'DataVersion']),
  );
  const status =
    authorization === 'dasWithout'
      ? 'dasWithout'
      : generatedBy === 'originator'
        ? 'dasGenerated'
        : 'dasGeneratedbyAuthorizer';
  const document = postDocument(company, kind, { ...again, AuthorizationStatus: status });
  company
    .table('Drafts')
    .put(String(draftEntry), stamped(company, { ...draft, DocumentStatus: 'bost_Close', AuthorizationStatus: status }));
  settleRequest(company, draftEntry, numberOf(document, 'DocEntry'), generatedBy);
  return document;
}

/**
 * What `SaveDraftToDocument` does for the signed-in user: a plain draft that falls under an approval starts to wait for it
 * instead. @returns the document, or undefined where it waits.
 */
export function addDraft(company: Company, draftEntry: number): Fields | undefined {
  const draft = company.table('Drafts').get(String(draftEntry));
  if (draft === undefined) throw noMatch();
  const kind = draftKind(draft);
  const plain =
    textOf(draft, 'AuthorizationStatus') === 'dasWithout' && textOf(draft, 'DocumentStatus') === 'bost_Open';
  if (!plain || !company.settings.needsApproval(kind.set, draft)) return draftToDocument(company, draftEntry);
  company.table('Drafts').put(String(draftEntry), stamped(company, { ...draft, AuthorizationStatus: 'dasPending' }));
  requestApproval(company, kind, draftEntry);
  return undefined;
}
