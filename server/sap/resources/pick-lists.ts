import { z } from 'zod';
import type { ErpPickList } from '../../app/ports/erp-documents.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readPage } from '../lists.ts';
import { amount, day, Key, OptionalNumber, OptionalText } from '../mappers/values.ts';
import { allOf, compare, date, type FieldOfType, integer } from '../odata.ts';

const Line = z.object({
  OrderEntry: Key.nullish(),
  OrderRowID: Key.nullish(),
  ReleasedQuantity: OptionalNumber,
  PickedQuantity: OptionalNumber,
  BaseObjectType: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'PickListsLine'>, z.ZodType>>);

const shape = {
  Absoluteentry: Key,
  Status: OptionalText,
  PickDate: OptionalText,
  PickListsLines: z.array(Line).nullish(),
} satisfies Partial<Record<FieldOfType<'PickList'>, z.ZodType>>;

const Row = z.object(shape);
type Row = z.infer<typeof Row>;
const FIELDS: readonly FieldOfType<'PickList'>[] = Row.keyof().options;

const SALES_ORDER = 17;

/**
 * A list names its orders in its lines, which no filter reaches: the lists since the order's own day are read and looked
 * through.
 */
export async function listPickLists(
  company: SapCompany,
  order: { readonly docEntry: number; readonly date: LocalDate },
): Promise<readonly ErpPickList[]> {
  const since = compare<'PickLists'>('PickDate', 'ge', date(order.date));
  const rows = await readAll<Row>((last) =>
    readPage(
      company,
      'PickLists',
      {
        select: FIELDS,
        filter: last ? allOf<'PickLists'>(since, compare('Absoluteentry', 'gt', integer(last.Absoluteentry))) : since,
        orderBy: ['Absoluteentry'],
        top: PAGE_SIZE,
      },
      Row,
    ),
  );
  return rows.map((row) => toPickList(row, order.docEntry)).filter(({ lines }) => lines.length > 0);
}

function toPickList(row: Row, orderEntry: number): ErpPickList {
  return {
    number: row.Absoluteentry,
    state: stateOf(row.Status),
    pickDate: day(row.PickDate),
    lines: (row.PickListsLines ?? [])
      .filter(({ OrderEntry, BaseObjectType }) => OrderEntry === orderEntry && BaseObjectType === SALES_ORDER)
      .map((line) => ({
        orderLineNum: line.OrderRowID ?? 0,
        released: amount(line.ReleasedQuantity),
        picked: amount(line.PickedQuantity),
      })),
  };
}

/** SAP's words, or their database values. */
function stateOf(status: string | null | undefined): ErpPickList['state'] {
  switch (status) {
    case 'ps_Picked':
    case 'P':
      return 'picked';
    case 'ps_PartiallyPicked':
    case 'T':
      return 'partly_picked';
    case 'ps_PartiallyDelivered':
    case 'D':
      return 'partly_delivered';
    case 'ps_Closed':
    case 'C':
      return 'closed';
    default:
      return 'released';
  }
}
