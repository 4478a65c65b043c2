import type { Fields } from '../../kernel/json.ts';
import { recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { rowKey } from '../company/model.ts';
import { addUserField } from '../company/user-fields.ts';
import { checkUserKeys, createUserKey } from '../company/user-keys.ts';
import { createUserTable, removeUserTable, userTableOf } from '../company/user-tables.ts';
import { cancelRequest, dropRequest, patchRequest, restoreRequest } from '../documents/approvals.ts';
import {
  cancelDocument,
  closeDocument,
  DOCUMENT_READ_ONLY,
  LINE_READ_ONLY,
  patchDocument,
  reopenDocument,
  stamped,
  without,
} from '../documents/change.ts';
import { buildDocument, postDocument } from '../documents/create.ts';
import { draftKind, saveDraft } from '../documents/drafts.ts';
import type { DocumentKind } from '../documents/kinds.ts';
import { documentKinds } from '../documents/kinds.ts';
import { cancelPayment, postPayment } from '../documents/payments.ts';
import { changePickList, releaseOrders } from '../documents/pick-lists.ts';
import { alreadyExists, refused, SapError, unsupported } from '../errors.ts';
import { ENTITY_SETS, NEWER_SETS, typeOfSet } from '../schema/schema.ts';
import { createQuery, patchQuery } from '../sql/queries.ts';
import { createSubscription, patchSubscription, subscriptionActions } from '../webhooks/subscriptions.ts';
import { createItem, patchItem, removeItem } from './items.ts';
import { createPartner, patchPartner, removePartner } from './partners.ts';

/** What became of a POST: the new row, or a draft that waits for an approval instead. */
export type Created = { readonly row: Fields; readonly waits?: false } | { readonly row: Fields; readonly waits: true };

/** What may be written to an entity set. Bodies have passed the schema. */
export interface Writer {
  create(company: Company, sent: Fields): Created;
  patch(company: Company, before: Fields, sent: Fields, replace: boolean): void;
  remove(company: Company, row: Fields): void;
  readonly actions: Readonly<Record<string, (company: Company, row: Fields) => void>>;
}

const refuse = (): never => {
  throw unsupported();
};

function documentWriter(kind: DocumentKind): Writer {
  return {
    create(company, sent) {
      const built = buildDocument(company, kind, cleanDocument(sent));
      if (company.settings.needsApproval(kind.set, built))
        return { row: saveDraft(company, built, 'dasPending'), waits: true };
      return { row: postDocument(company, kind, built) };
    },
    patch: (company, before, sent, replace) => {
      patchDocument(company, kind, before, sent, replace);
    },
    remove: refuse,
    actions: {
      Cancel: (company, row) => cancelDocument(company, kind, row),
      Close: (company, row) => closeDocument(company, kind, row),
      Reopen: (company, row) => reopenDocument(company, kind, row),
    },
  };
}

/** DocObjectCode belongs to drafts and is kept; the rest that the system fills is dropped. */
function cleanDocument(sent: Fields): Fields {
  const kept = DOCUMENT_READ_ONLY.filter((name) => name !== 'DocType');
  return {
    ...without(sent, kept),
    DocumentLines: recordsOf(sent, 'DocumentLines').map((line) => without(line, LINE_READ_ONLY)),
  };
}

const drafts: Writer = {
  create(company, sent) {
    const kind = draftKind(sent);
    return { row: saveDraft(company, buildDocument(company, kind, cleanDocument(sent)), 'dasWithout') };
  },
  patch(company, before, sent) {
    if (textOf(before, 'DocumentStatus') !== 'bost_Open') throw unsupported();
    const kind = draftKind(before);
    const system = DOCUMENT_READ_ONLY.filter((name) => name !== 'DocType' && name !== 'CreationDate');
    const rebuilt = buildDocument(company, kind, {
      ...cleanDocument(before),
      ...cleanDocument({ ...before, ...sent }),
    });
    const kept = Object.fromEntries(Object.entries(before).filter(([name]) => system.includes(name)));
    const { DocTotal, DocTotalFc, VatSum, TotalDiscount } = rebuilt;
    const sums = Object.fromEntries(
      Object.entries({ DocTotal, DocTotalFc, VatSum, TotalDiscount }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    );
    company.table('Drafts').put(textOf(before, 'DocEntry'), stamped(company, { ...rebuilt, ...kept, ...sums }));
  },
  remove(company, row) {
    dropRequest(company, Number(textOf(row, 'DocEntry')));
    company.table('Drafts').remove(textOf(row, 'DocEntry'));
  },
  actions: {},
};

const payments: Writer = {
  create: (company, sent) => ({ row: postPayment(company, without(sent, ['DocEntry', 'DocNum', 'Cancelled'])) }),
  patch: (company, before, sent) =>
    company.table('IncomingPayments').put(textOf(before, 'DocEntry'), {
      ...before,
      ...without(sent, ['DocEntry', 'DocNum', 'Cancelled', 'CardCode', 'CashSum', 'TransferSum', 'PaymentInvoices']),
    }),
  remove: refuse,
  actions: { Cancel: cancelPayment },
};

/** Sets without rules of their own: a key that must be there and be new. */
function plainWriter(set: string): Writer {
  const { key } = typeOfSet(set);
  return {
    create(company, sent) {
      const missing = key.find((name) => textOf(sent, name) === '');
      if (missing !== undefined) throw refused(`Value is missing  [${set}.${missing}]`);
      if (company.table(set).has(rowKey(set, sent))) throw alreadyExists(`Entry in '${set}'`);
      company.table(set).put(rowKey(set, sent), sent);
      return { row: sent };
    },
    patch: (company, before, sent) => company.table(set).put(rowKey(set, before), { ...before, ...without(sent, key) }),
    remove: (company, row) => company.table(set).remove(rowKey(set, row)),
    actions: {},
  };
}

/** Rows of a user table: Code and Name are both required, and both unique. */
function userTableWriter(set: string): Writer {
  const plain = plainWriter(set);
  function check(company: Company, row: Fields): void {
    const table = userTableOf(set);
    for (const [name, size] of [
      ['Code', 50],
      ['Name', 100],
    ] as const) {
      if (textOf(row, name) === '') throw refused(`Value is missing  [${table}.${name}]`);
      if (textOf(row, name).length > size)
        throw new SapError(400, -1004, `Value too long in property '${name}' of '${set}'`);
    }
    const twin = company
      .table(set)
      .all()
      .some((other) => textOf(other, 'Name') === textOf(row, 'Name') && textOf(other, 'Code') !== textOf(row, 'Code'));
    if (twin) throw alreadyExists('This entry');
    checkUserKeys(company, table, set, row);
  }
  return {
    ...plain,
    create(company, sent) {
      check(company, sent);
      return plain.create(company, sent);
    },
    patch(company, before, sent, replace) {
      check(company, { ...before, ...without(sent, ['Code']) });
      plain.patch(company, before, sent, replace);
    },
  };
}

/** Queries are run with a GET or POST on `…/List`, which is no change and so none of these. */
const sqlQueries: Writer = {
  create: (company, sent) => ({ row: createQuery(company, sent) }),
  patch: patchQuery,
  remove: (company, row) => company.table('SQLQueries').remove(textOf(row, 'SqlCode')),
  actions: {},
};

const writers = new Map<string, Writer>([
  ...Object.keys({ ...ENTITY_SETS, ...NEWER_SETS }).map((set): [string, Writer] => [set, plainWriter(set)]),
  ...documentKinds.map((kind): [string, Writer] => [kind.set, documentWriter(kind)]),
  ['Drafts', drafts],
  ['IncomingPayments', payments],
  [
    'ApprovalRequests',
    {
      create: refuse,
      patch: patchRequest,
      remove: refuse,
      actions: { CancelApprovalRequest: cancelRequest, RestoreApprovalRequest: restoreRequest },
    },
  ],
  [
    'PickLists',
    {
      create: (company, sent) => ({ row: releaseOrders(company, sent) }),
      patch: changePickList,
      remove: refuse,
      actions: {},
    },
  ],
  [
    'EventSubscriptions',
    {
      create: (company, sent) => ({ row: createSubscription(company, sent) }),
      patch: patchSubscription,
      remove: (company, row) => company.table('EventSubscriptions').remove(textOf(row, 'WebhookID')),
      actions: subscriptionActions,
    },
  ],
  ['EventNotifications', { create: refuse, patch: refuse, remove: refuse, actions: {} }],
  ['SQLQueries', sqlQueries],
  ['JournalEntries', { create: refuse, patch: refuse, remove: refuse, actions: {} }],
  [
    'BusinessPartners',
    {
      create: (company, sent) => ({ row: createPartner(company, sent) }),
      patch: (company, before, sent, replace) => {
        patchPartner(company, before, sent, replace);
      },
      remove: removePartner,
      actions: {},
    },
  ],
  [
    'Items',
    {
      create: (company, sent) => ({ row: createItem(company, sent) }),
      patch: (company, before, sent, replace) => {
        patchItem(company, before, sent, replace);
      },
      remove: removeItem,
      actions: { Cancel: refuse },
    },
  ],
  [
    'UserTablesMD',
    {
      create: (company, sent) => ({ row: createUserTable(company, sent) }),
      patch: plainWriter('UserTablesMD').patch,
      remove: removeUserTable,
      actions: {},
    },
  ],
  [
    'UserKeysMD',
    { ...plainWriter('UserKeysMD'), create: (company, sent) => ({ row: createUserKey(company, sent) }), patch: refuse },
  ],
  [
    'UserFieldsMD',
    { ...plainWriter('UserFieldsMD'), create: (company, sent) => ({ row: addUserField(company, sent) }) },
  ],
]);

/** @throws SapError -5006 for a set that cannot be written. */
export function writerFor(set: string): Writer {
  return writers.get(set) ?? (set.startsWith('U_') ? userTableWriter(set) : refuse());
}
