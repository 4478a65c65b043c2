import { z } from 'zod';
import type { ErpCaller, ErpItem, ErpPartner } from '../../../server/app/ports/erp.ts';
import type { StoredErpAccess } from '../../../server/app/ports/erp-access.ts';
import type { ErpDocument, ErpDocumentKind } from '../../../server/app/ports/erp-documents.ts';
import type { LocalDate } from '../../../server/kernel/local-date.ts';
import type { SapClient } from '../../../server/sap/erp.ts';
import { remembered } from '../remembered.ts';
import type { RawClient } from './raw-client.ts';
import { rowsOf } from './raw-client.ts';

/** One Service Layer while the suite runs against it. */
export interface Scene {
  readonly erp: SapClient;
  readonly caller: ErpCaller;
  readonly raw: RawClient;
  readonly access: StoredErpAccess;
  /** The company's day, as the client reckons it. */
  readonly today: LocalDate;
  readonly facts: Facts;
  /** What was made and is not put away; kept by number. */
  readonly left: string[];
  /** A key no document has. */
  newKey(): string;
}

/** Records to ask about, read once. All may be missing in a company that is new. */
export interface Facts {
  partners(): Promise<readonly ErpPartner[]>;
  items(): Promise<readonly ErpItem[]>;
  /** An active customer. */
  customer(): Promise<ErpPartner | undefined>;
  /** An active item that is sold, has a price and, where there is one, stock. */
  item(): Promise<ErpItem | undefined>;
  /** The newest of that kind, as it is listed by its partner. */
  document(kind: ErpDocumentKind): Promise<ErpDocument | undefined>;
}

const SAMPLE = 100;

const SETS: Readonly<Record<ErpDocumentKind, string>> = {
  quotation: 'Quotations',
  order: 'Orders',
  delivery_note: 'DeliveryNotes',
  invoice: 'Invoices',
  credit_note: 'CreditNotes',
  purchase_order: 'PurchaseOrders',
};
const Head = z.object({ DocEntry: z.number(), CardCode: z.string() });

export function createFacts(erp: SapClient, caller: ErpCaller, raw: RawClient): Facts {
  const partners = remembered(async () => (await erp.listPartnersByKey(caller, null, SAMPLE)).rows);
  const items = remembered(async () => (await erp.listItemsByKey(caller, null, SAMPLE)).rows);
  const customers = async () => (await partners()).filter(({ type, active }) => type === 'customer' && active);
  const documents = new Map<ErpDocumentKind, () => Promise<ErpDocument | undefined>>();

  async function newest(kind: ErpDocumentKind): Promise<ErpDocument | undefined> {
    const target = `${SETS[kind]}?$select=DocEntry,CardCode&$orderby=DocEntry desc&$top=1`;
    const head = Head.safeParse(rowsOf(await raw.read(target.replaceAll(' ', '%20')))?.[0]);
    if (!head.success) return undefined;
    const { DocEntry, CardCode } = head.data;
    return (await erp.listDocumentsOf(caller, kind, CardCode, DocEntry - 1, 5)).rows[0];
  }

  return {
    partners,
    items,
    async customer() {
      const all = await customers();
      return all.find(({ currency, priceList }) => currency !== null && priceList !== null) ?? all[0];
    },
    async item() {
      const sold = (await items()).filter(({ sales, active }) => sales && active);
      return sold.find(({ prices }) => prices.some(({ price }) => Number(price) > 0)) ?? sold[0];
    },
    document(kind) {
      const ask = documents.get(kind) ?? remembered(() => newest(kind));
      documents.set(kind, ask);
      return ask();
    },
  };
}
