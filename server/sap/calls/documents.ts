import type { ErpDocuments } from '../../app/ports/erp-documents.ts';
import type { On } from '../on.ts';
import { findApproval } from '../resources/approvals.ts';
import { findDocumentsByKey, getDocument, listDocumentsOf } from '../resources/document-reading.ts';
import {
  cancelDocument,
  closeDocument,
  copyDocument,
  createDocument,
  removeDraft,
} from '../resources/document-writing.ts';
import { createLedger, handoffGuard } from '../resources/ledger.ts';
import { turnDraftIntoOrder } from '../resources/orders.ts';
import { listPaymentsOf } from '../resources/payments.ts';
import { listPickLists } from '../resources/pick-lists.ts';
import { listUserFields, listUserKeys, listUserTables } from '../resources/user-definitions.ts';

export function documentCalls(on: On): ErpDocuments {
  return {
    getDocument: on((company, ref) => getDocument(company, ref)),
    findDocumentsByKey: on(findDocumentsByKey),
    listDocumentsOf: on(listDocumentsOf),
    createDocument: on(createDocument),
    copyDocument: on(copyDocument),
    closeDocument: on(async (company, ref, version) => closeDocument(company, ref, version)),
    cancelDocument: on(async (company, ref, version) => cancelDocument(company, ref, version)),
    removeDraft: on(removeDraft),
    turnDraftIntoOrder: on(turnDraftIntoOrder),
    findApproval: on(findApproval),
    listPickLists: on(listPickLists),
    listPaymentsOf: on(listPaymentsOf),
    listUserFields: on(listUserFields),
    listUserTables: on(listUserTables),
    listUserKeys: on(listUserKeys),
    createLedger: on(createLedger),
    handoffGuard: on(handoffGuard),
  };
}
