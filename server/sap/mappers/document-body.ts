import type { ErpDocument, ErpDocumentKind, NewErpDocument } from '../../app/ports/erp-documents.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { type Decimal, toJsonNumber } from '../../kernel/money.ts';
import { DOCUMENT_KINDS } from '../document-kinds.ts';
import type { FieldOfType } from '../odata.ts';

export type DocumentBody = Partial<Record<FieldOfType<'Document'>, unknown>>;
type LineBody = Partial<Record<FieldOfType<'DocumentLine'>, unknown>>;

/**
 * What was left open is not sent, so that SAP fills it as for its own people. Only the discount over the whole document
 * is none, since the lines say what was agreed.
 */
export function documentBody(document: NewErpDocument): DocumentBody {
  const { currency, customerReference } = document;
  return {
    CardCode: document.cardCode,
    DocDate: document.documentDate,
    DocDueDate: document.dueDate,
    ...(currency === null ? {} : { DocCurrency: currency }),
    ...(customerReference === null ? {} : { NumAtCard: customerReference }),
    Comments: document.comments,
    DiscountPercent: 0,
    DocumentLines: document.lines.map(
      ({ itemCode, quantity, unitPrice, discountPercent, warehouse }): LineBody => ({
        ItemCode: itemCode,
        Quantity: toJsonNumber(quantity),
        ...(unitPrice === null ? {} : { UnitPrice: toJsonNumber(unitPrice) }),
        ...(discountPercent === null ? {} : { DiscountPercent: toJsonNumber(discountPercent) }),
        ...(warehouse === null ? {} : { WarehouseCode: warehouse }),
      }),
    ),
  };
}

/** Lines that refer to their base by all three names: without one of them SAP refuses, or copies nothing. */
export function copyBody(
  base: ErpDocument,
  dates: { readonly documentDate: LocalDate; readonly dueDate: LocalDate },
  lines: readonly { readonly lineNum: number; readonly quantity: Decimal }[],
): DocumentBody {
  return {
    CardCode: base.cardCode,
    DocDate: dates.documentDate,
    DocDueDate: dates.dueDate,
    DocumentLines: lines.map(
      ({ lineNum, quantity }): LineBody => ({
        BaseType: DOCUMENT_KINDS[base.kind].type,
        BaseEntry: base.docEntry,
        BaseLine: lineNum,
        Quantity: toJsonNumber(quantity),
      }),
    ),
  };
}

/** A draft is told apart by the kind it is to become. */
export function draftBody(kind: ErpDocumentKind, body: DocumentBody): DocumentBody {
  return { DocObjectCode: DOCUMENT_KINDS[kind].code, ...body };
}
