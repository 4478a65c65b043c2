import type { PartnerSheetView } from '../../contract/sap-checks.ts';
import { KEY_FIELD, LEDGER_TABLE } from '../../domain/key-sheet.ts';

/** What the customer's SAP partner sets up, on one page, from the same source by which the app makes it itself. */
export function makeViewPartnerSheet() {
  return (): PartnerSheetView => SHEET;
}

const SHEET: PartnerSheetView = {
  title: 'Orderline for SAP Business One: what to set up in SAP',
  sections: [
    {
      title: '1. A user of its own',
      lines: [
        'One SAP user for this app alone, with a licence that allows the Service Layer (Professional, Limited or Indirect Access).',
        'It may read business partners, items, price lists, warehouses, sales documents, incoming payments and journal entries, and the company’s details.',
        'It may create sales orders and document drafts, and delete its own drafts. It needs no superuser right.',
        'In a company with branches, one branch is assigned to it.',
      ],
      values: [],
    },
    {
      title: '2. A user field on sales documents',
      lines: [
        'By this field an order is found again, so that none is made twice. Nothing is sent without it.',
        'Tools, Customization Tools, User-Defined Fields – Management, Marketing Documents, Title. SAP adds it to all document tables: choose a quiet hour.',
      ],
      values: [
        { name: 'Table', value: `${KEY_FIELD.tableName} (Marketing Documents, Title)` },
        { name: 'Name', value: KEY_FIELD.name },
        { name: 'Description', value: KEY_FIELD.description },
        { name: 'Type', value: `Alphanumeric, Regular (${KEY_FIELD.type}, ${KEY_FIELD.subType})` },
        { name: 'Length', value: String(KEY_FIELD.size) },
        { name: 'Mandatory, default, valid values', value: 'None' },
      ],
    },
    {
      title: '3. A user table (recommended)',
      lines: [
        'With it SAP itself refuses a second order with the same key. Without it the app waits and looks before it sends again.',
        'Tools, Customization Tools, User-Defined Tables – Setup. No further fields and no further key.',
      ],
      values: [
        { name: 'Name', value: LEDGER_TABLE.name },
        { name: 'Description', value: LEDGER_TABLE.description },
        { name: 'Type', value: `No Object (${LEDGER_TABLE.type})` },
      ],
    },
    {
      title: '4. Restart the Service Layer',
      lines: [
        'It reads new fields and tables when it starts. Running sessions are asked to sign in again; nothing is lost.',
      ],
      values: [],
    },
    {
      title: '5. Network and certificate',
      lines: [
        'The Service Layer’s HTTPS port is reachable from the outgoing address of this app, and from nowhere it need not be.',
        'A self-signed certificate is fine: tell the admin its SHA-256 fingerprint, and the next one’s before it is renewed.',
      ],
      values: [],
    },
  ],
};
