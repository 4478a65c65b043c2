import { z } from 'zod';
import type { ErpDocument, ErpDocumentKind, ErpDocumentLine, ErpPicking } from '../../app/ports/erp-documents.ts';
import { kindOfType } from '../document-kinds.ts';
import type { FieldOfType } from '../odata.ts';
import { documentTotal } from './document.ts';
import { amount, day, filled, isYes, Key, KindCode, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Line = z.object({
  LineNum: z.number().int(),
  ItemCode: OptionalText,
  Quantity: OptionalNumber,
  RemainingOpenQuantity: OptionalNumber,
  WarehouseCode: OptionalText,
  ShipDate: OptionalText,
  LineStatus: OptionalText,
  BaseType: OptionalNumber,
  BaseEntry: Key.nullish(),
  BaseLine: Key.nullish(),
  PickStatusEx: OptionalText,
  PickQuantity: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'DocumentLine'>, z.ZodType>>);
type Line = z.infer<typeof Line>;

const shape = {
  DocEntry: Key,
  DocNum: Key,
  CardCode: z.string(),
  NumAtCard: OptionalText,
  DocDate: z.string(),
  DocDueDate: OptionalText,
  DocCurrency: OptionalText,
  DocTotal: OptionalNumber,
  DocTotalFc: OptionalNumber,
  DocumentStatus: OptionalText,
  Cancelled: YesNo,
  CancelStatus: OptionalText,
  AuthorizationStatus: OptionalText,
  DocObjectCode: KindCode,
  DataVersion: z.number().int().nullish(),
  DocumentLines: z.array(Line).nullish(),
} satisfies Partial<Record<FieldOfType<'Document'>, z.ZodType>>;

/** Without the key, for companies that have no key field yet. */
export const PlainDocumentRow = z.object(shape);
export type PlainDocumentRow = z.infer<typeof PlainDocumentRow>;
export const DocumentRow = z.object({ ...shape, U_PD_Key: OptionalText });
export type DocumentRow = z.infer<typeof DocumentRow>;
export const PLAIN_DOCUMENT_FIELDS: readonly FieldOfType<'Document'>[] = PlainDocumentRow.keyof().options;
export const DOCUMENT_FIELDS: readonly FieldOfType<'Document'>[] = DocumentRow.keyof().options;

/** @throws {RangeError} when SAP gives a document without a date, which it never has */
export function toDocument(
  row: DocumentRow,
  kind: ErpDocumentKind,
  isDraft: boolean,
  localCurrency: string,
): ErpDocument {
  const date = day(row.DocDate);
  if (date === null) throw new RangeError('a document without a date');
  return {
    kind,
    isDraft,
    docEntry: row.DocEntry,
    docNum: row.DocNum,
    cardCode: row.CardCode,
    customerReference: filled(row.NumAtCard),
    status: statusOf(row),
    approval: approvalOf(row.AuthorizationStatus),
    date,
    dueDate: day(row.DocDueDate),
    ...documentTotal(row, localCurrency),
    key: row.U_PD_Key ?? '',
    version: row.DataVersion ?? null,
    lines: (row.DocumentLines ?? []).map(toLine),
  };
}

function statusOf({ Cancelled, CancelStatus, DocumentStatus }: DocumentRow): ErpDocument['status'] {
  if (isYes(Cancelled) || CancelStatus === 'csYes' || CancelStatus === 'csCancellation') return 'cancelled';
  return DocumentStatus === 'bost_Close' || DocumentStatus === 'C' ? 'closed' : 'open';
}

/** What SAP's words, or their database values, mean. */
function approvalOf(status: string | null | undefined): ErpDocument['approval'] {
  switch (status) {
    case 'dasPending':
    case 'W':
      return 'pending';
    case 'dasApproved':
    case 'Y':
      return 'approved';
    case 'dasRejected':
    case 'N':
      return 'rejected';
    case 'dasGenerated':
    case 'dasGeneratedbyAuthorizer':
    case 'P':
    case 'A':
      return 'generated';
    case 'dasCancelled':
    case 'C':
      return 'cancelled';
    default:
      return 'none';
  }
}

function toLine(line: Line): ErpDocumentLine {
  const openQuantity = amount(line.RemainingOpenQuantity);
  return {
    lineNum: line.LineNum,
    itemCode: line.ItemCode ?? '',
    quantity: amount(line.Quantity),
    openQuantity,
    warehouse: filled(line.WarehouseCode),
    shipDate: day(line.ShipDate),
    open: line.LineStatus !== 'bost_Close' && line.LineStatus !== 'C',
    base: baseOf(line),
    picking: { state: pickingOf(line.PickStatusEx), pickedQuantity: amount(line.PickQuantity) },
  };
}

function baseOf({ BaseType, BaseEntry, BaseLine }: Line): ErpDocumentLine['base'] {
  const kind = kindOfType(BaseType ?? -1);
  const known = kind !== undefined && BaseEntry !== null && BaseEntry !== undefined;
  return known ? { kind, docEntry: BaseEntry, lineNum: BaseLine ?? 0 } : null;
}

function pickingOf(status: string | null | undefined): ErpPicking['state'] {
  switch (status) {
    case 'dlps_ReleasedForPicking':
      return 'released';
    case 'dlps_PartiallyPicked':
      return 'partly_picked';
    case 'dlps_Picked':
      return 'picked';
    default:
      return 'not_picked';
  }
}
