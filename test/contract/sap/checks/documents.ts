import type { TouchingSet } from '../../../../server/app/ports/erp.ts';
import type { ErpDocumentKind } from '../../../../server/app/ports/erp-documents.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { type Found, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import type { Scene } from '../scene.ts';

const KINDS: readonly ErpDocumentKind[] = [
  'quotation',
  'order',
  'delivery_note',
  'invoice',
  'credit_note',
  'purchase_order',
];
const TOUCHING: readonly TouchingSet[] = [
  'Invoices',
  'CreditNotes',
  'IncomingPayments',
  'Orders',
  'DeliveryNotes',
  'JournalEntries',
];

async function eachKind({ facts, erp, caller }: Scene): Promise<Found> {
  const seen: string[] = [];
  const wrong: string[] = [];
  for (const kind of KINDS) {
    const listed = await facts.document(kind);
    if (!listed) continue;
    seen.push(kind);
    const read = await erp.getDocument(caller, { kind, isDraft: false, docEntry: listed.docEntry });
    if (read.docNum !== listed.docNum || read.cardCode !== listed.cardCode || compare(read.total, listed.total) !== 0)
      wrong.push(`A ${kind} read alone is another one than in the list.`);
    if (read.lines.length !== listed.lines.length) wrong.push(`A ${kind} read alone has other lines.`);
  }
  if (seen.length === 0) return notAsked('There are no documents.');
  return verdict([[wrong.length === 0, wrong.join(' ')]], `Seen: ${seen.join(', ')}.`);
}

/** Documents, payments, approvals and what hand-offs rest on. Source: reference 5.10, 6.3 and 7.6 to 8.6. */
export const documentChecks: readonly Check[] = [
  {
    name: 'documents.kinds',
    claim: 'Documents of each kind can be listed by partner and read alone, and are the same both ways.',
    covers: ['listDocumentsOf', 'getDocument'],
    run: eachKind,
  },
  {
    name: 'documents.touched',
    claim: 'What moved since an entry can be read from the documents, and the last entry of each kind is known.',
    covers: ['listTouchedPartners', 'lastDocEntry'],
    async run({ erp, caller }) {
      const wrong: string[] = [];
      let some = 0;
      for (const set of TOUCHING) {
        const last = await erp.lastDocEntry(caller, set);
        const { rows } = await erp.listTouchedPartners(caller, set, Math.max(0, last - 3), 20);
        some += rows.length;
        // A journal entry may be about no partner at all.
        if (last > 0 && rows.at(-1)?.docEntry !== last && set !== 'JournalEntries')
          wrong.push(`${set} ends elsewhere.`);
      }
      return some === 0 ? notAsked('There are no documents.') : verdict([[wrong.length === 0, wrong.join(' ')]]);
    },
  },
  {
    name: 'documents.of-customer',
    claim:
      'Open invoices come oldest due first, each with something left to pay, together with the orders of given keys.',
    covers: ['viewDocuments'],
    async run({ erp, caller, facts, newKey }) {
      const invoice = await facts.document('invoice');
      const code = invoice?.cardCode ?? (await facts.customer())?.cardCode;
      if (code === undefined) return notAsked('There is no active customer.');
      const view = await erp.viewDocuments(caller, code, [newKey()]);
      const dates = view.openInvoices.map(({ dueDate }) => dueDate);
      return verdict([
        [dates.every((date, at) => at === 0 || (dates[at - 1] ?? '') <= date), 'They come in another order.'],
        [view.openInvoices.every(({ open }) => compare(open, '0') !== 0), 'One has nothing left to pay.'],
        [view.orders.length === 0, 'A key that no order has was found.'],
      ]);
    },
  },
  {
    name: 'documents.by-key',
    claim: 'A key that no document has finds nothing, in orders and in drafts.',
    covers: ['findOrdersByKey', 'findDocumentsByKey', 'hasKeyField'],
    async run({ erp, caller, facts, newKey }) {
      if (!(await erp.hasKeyField(caller))) return notAsked('The documents have no key field yet.');
      const key = newKey();
      const orders = await erp.findOrdersByKey(caller, key, (await facts.customer())?.cardCode ?? 'none');
      const quotations = await erp.findDocumentsByKey(caller, 'quotation', key);
      return verdict([[orders.length + quotations.length === 0, 'Something was found.']]);
    },
  },
  {
    name: 'documents.payments',
    claim: 'A paid invoice has payments that come to no more than its total.',
    covers: ['listPaymentsOf'],
    async run({ erp, caller, facts }) {
      const invoice = await facts.document('invoice');
      if (!invoice) return notAsked('There is no invoice to look at.');
      const payments = await erp.listPaymentsOf(caller, { docEntry: invoice.docEntry, cardCode: invoice.cardCode });
      return verdict(
        [
          [
            payments.every(({ applied }) => compare(applied, invoice.total) <= 0),
            'A payment is larger than the invoice.',
          ],
        ],
        `${payments.length} payments.`,
      );
    },
  },
  {
    name: 'documents.picking',
    claim: 'Pick lists of an order, and an approval about a draft, can be asked for.',
    covers: ['listPickLists', 'findApproval'],
    async run({ erp, caller, facts }) {
      const order = await facts.document('order');
      if (!order) return notAsked('There is no order to look at.');
      const lists = await erp.listPickLists(caller, { docEntry: order.docEntry, date: order.date });
      const none = await erp.findApproval(caller, 2_000_000_000);
      return verdict(
        [[none === undefined, 'A draft that does not exist has an approval.']],
        `${lists.length} pick lists.`,
      );
    },
  },
  {
    name: 'documents.user-fields',
    claim: 'User fields, tables and keys can be read, and say what guards hand-offs.',
    covers: ['listUserFields', 'listUserTables', 'listUserKeys', 'handoffGuard'],
    async run({ erp, caller }) {
      const fields = await erp.listUserFields(caller, 'ORDR');
      const tables = await erp.listUserTables(caller);
      await erp.listUserKeys(caller, 'ORDR');
      const guard = await erp.handoffGuard(caller);
      const known = await erp.hasKeyField(caller);
      const defined = fields.some(({ name }) => name === 'PD_Key');
      return verdict(
        [
          [
            known === defined,
            defined
              ? 'The key field is defined and not visible: SAP’s services may need a restart.'
              : 'The key field is seen and not defined.',
          ],
          [guard === 'settle' || tables.some(({ name }) => name === 'PD_LINK'), 'The ledger is in use and not there.'],
        ],
        `${fields.length} fields on orders, ${tables.length} tables; guard: ${guard}.`,
      );
    },
  },
];
