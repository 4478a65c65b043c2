/** The marketing documents that the practice company knows. */
export interface DocumentKind {
  readonly set: string;
  /** Member of BoObjectTypes. */
  readonly objectCode: string;
  /** The number used in BaseType and in DocObjectCode's database value. */
  readonly objectType: number;
  /** Database tables of header and lines, as error texts and user fields name them. */
  readonly table: string;
  readonly lineTable: string;
  readonly side: 'sales' | 'purchase';
  /** First document number of the practice company's series; keys and numbers never agree. */
  readonly firstNumber: number;
  /** What a line may be copied from. */
  readonly bases: readonly number[];
}

const kinds: readonly DocumentKind[] = [
  {
    set: 'Quotations',
    objectCode: 'oQuotations',
    objectType: 23,
    table: 'OQUT',
    lineTable: 'QUT1',
    side: 'sales',
    firstNumber: 20_001,
    bases: [],
  },
  {
    set: 'Orders',
    objectCode: 'oOrders',
    objectType: 17,
    table: 'ORDR',
    lineTable: 'RDR1',
    side: 'sales',
    firstNumber: 30_001,
    bases: [23],
  },
  {
    set: 'DeliveryNotes',
    objectCode: 'oDeliveryNotes',
    objectType: 15,
    table: 'ODLN',
    lineTable: 'DLN1',
    side: 'sales',
    firstNumber: 40_001,
    bases: [17, 23],
  },
  {
    set: 'Invoices',
    objectCode: 'oInvoices',
    objectType: 13,
    table: 'OINV',
    lineTable: 'INV1',
    side: 'sales',
    firstNumber: 100_001,
    bases: [15, 17, 23],
  },
  {
    set: 'CreditNotes',
    objectCode: 'oCreditNotes',
    objectType: 14,
    table: 'ORIN',
    lineTable: 'RIN1',
    side: 'sales',
    firstNumber: 60_001,
    bases: [13],
  },
  {
    set: 'PurchaseOrders',
    objectCode: 'oPurchaseOrders',
    objectType: 22,
    table: 'OPOR',
    lineTable: 'POR1',
    side: 'purchase',
    firstNumber: 70_001,
    bases: [],
  },
];

const bySet = new Map(kinds.map((kind) => [kind.set, kind]));
const byType = new Map(kinds.map((kind) => [kind.objectType, kind]));
const byCode = new Map(kinds.map((kind) => [kind.objectCode, kind]));

/** Header tables that share their user fields, the drafts and the archive table included. */
export const HEADER_TABLES: readonly string[] = [...kinds.map(({ table }) => table), 'ODRF', 'ADOC'];
/** Line tables that share theirs. */
export const LINE_TABLES: readonly string[] = [...kinds.map(({ lineTable }) => lineTable), 'DRF1', 'ADO1'];

export const documentKinds = kinds;
export const findKind = (set: string): DocumentKind | undefined => bySet.get(set);
export const findKindByType = (objectType: number): DocumentKind | undefined => byType.get(objectType);
export const findKindByCode = (objectCode: string): DocumentKind | undefined => byCode.get(objectCode);

/** @throws Error where the set is none of documents: a mistake in the practice company itself. */
export function kindOf(set: string): DocumentKind {
  const kind = bySet.get(set);
  if (kind === undefined) throw new Error(`${set} is not a set of marketing documents.`);
  return kind;
}
