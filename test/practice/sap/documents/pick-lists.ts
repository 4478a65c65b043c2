import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { refused, SapError, unsupported } from '../errors.ts';
import { touched } from './touched.ts';

const ORDERS = 17;

/**
 * Releases open lines of confirmed orders for picking. Lines name `OrderEntry`, `OrderRowID` and `ReleasedQuantity`.
 * @throws SapError where an order or line is not there, not confirmed, closed, or holds less than that.
 */
export function releaseOrders(company: Company, sent: Fields): Fields {
  const wanted = recordsOf(sent, 'PickListsLines');
  if (wanted.length === 0) throw refused('Pick list has no lines  [PKL1]');
  const entry = company.next('PickLists.Absoluteentry');
  const lines = wanted.map((row, index) => releasedLine(company, row, entry, index));
  const list: Fields = {
    Absoluteentry: entry,
    Name: textOf(sent, 'Name') || 'manager',
    OwnerCode: 1,
    PickDate: textOf(sent, 'PickDate') || company.stamp().date,
    Remarks: textOf(sent, 'Remarks'),
    Status: 'ps_Released',
    ObjectType: '156',
    UseBaseUnits: 'tNO',
    PickListsLines: lines,
  };
  company.table('PickLists').put(String(entry), list);
  for (const line of lines) showOnOrder(company, line, { PickStatusEx: 'dlps_ReleasedForPicking', PickQuantity: 0 });
  return list;
}

function releasedLine(company: Company, row: Fields, entry: number, index: number): Fields {
  const at = `[PKL1.OrderEntry][line: ${index + 1}]`;
  const order = company.table('Orders').get(String(numberOf(row, 'OrderEntry')));
  const line = recordsOf(order ?? {}, 'DocumentLines').find(
    (entry_) => numberOf(entry_, 'LineNum') === numberOf(row, 'OrderRowID'),
  );
  if (order === undefined || line === undefined)
    throw new SapError(404, -2028, `No matching records found  ${at} (ODBC -2028)`);
  if (textOf(order, 'Confirmed') === 'tNO') throw refused(`Order is not approved  ${at}`);
  if (textOf(line, 'LineStatus') !== 'bost_Open') throw unsupported();
  const open = numberOf(line, 'RemainingOpenQuantity');
  const released = 'ReleasedQuantity' in row ? numberOf(row, 'ReleasedQuantity') : open;
  if (released <= 0 || released > open) throw refused(`Released quantity exceeds the open quantity  ${at}`);
  return {
    AbsoluteEntry: entry,
    LineNumber: index,
    OrderEntry: numberOf(row, 'OrderEntry'),
    OrderRowID: numberOf(row, 'OrderRowID'),
    PickedQuantity: 0,
    PickStatus: 'ps_Released',
    ReleasedQuantity: released,
    PreviouslyReleasedQuantity: 0,
    BaseObjectType: ORDERS,
  };
}

/** Picked quantities by line number; everything that was released where none are given. */
export function pick(company: Company, entry: number, quantities?: Readonly<Record<number, number>>): void {
  const list = company.table('PickLists').get(String(entry));
  if (list === undefined) throw new Error(`There is no pick list ${entry}.`);
  changePickList(company, list, {
    PickListsLines: recordsOf(list, 'PickListsLines').map((line) => ({
      LineNumber: numberOf(line, 'LineNumber'),
      PickedQuantity:
        quantities === undefined ? numberOf(line, 'ReleasedQuantity') : (quantities[numberOf(line, 'LineNumber')] ?? 0),
    })),
  });
}

export function changePickList(company: Company, before: Fields, sent: Fields): void {
  if (textOf(before, 'Status') === 'ps_Closed') throw unsupported();
  const changes = new Map(recordsOf(sent, 'PickListsLines').map((row) => [numberOf(row, 'LineNumber'), row]));
  const lines = recordsOf(before, 'PickListsLines').map((line): Fields => {
    const change = changes.get(numberOf(line, 'LineNumber'));
    if (change === undefined || !('PickedQuantity' in change)) return line;
    const picked = numberOf(change, 'PickedQuantity');
    const released = numberOf(line, 'ReleasedQuantity');
    if (picked < 0 || picked > released)
      throw refused('Picked quantity exceeds the released quantity  [PKL1.PickQtty]');
    const all = picked === released;
    const orderStatus = all ? 'dlps_Picked' : picked > 0 ? 'dlps_PartiallyPicked' : 'dlps_ReleasedForPicking';
    showOnOrder(company, line, { PickStatusEx: orderStatus, PickQuantity: picked });
    return {
      ...line,
      PickedQuantity: picked,
      PickStatus: all ? 'ps_Picked' : picked > 0 ? 'ps_PartiallyPicked' : 'ps_Released',
    };
  });
  const notes = 'Remarks' in sent ? { Remarks: textOf(sent, 'Remarks') } : {};
  save(company, { ...before, ...notes, PickListsLines: lines });
}

/** Lines that a delivery took from an order: their pick lists are delivered, in part or in full. */
export function deliverPicked(company: Company, orderEntry: number, orderLine: Fields): void {
  for (const list of company.table('PickLists').all()) {
    const lines = recordsOf(list, 'PickListsLines').map((line) =>
      numberOf(line, 'OrderEntry') === orderEntry && numberOf(line, 'OrderRowID') === numberOf(orderLine, 'LineNum')
        ? {
            ...line,
            PickStatus: textOf(orderLine, 'LineStatus') === 'bost_Close' ? 'ps_Closed' : 'ps_PartiallyDelivered',
          }
        : line,
    );
    if (lines.some((line, index) => line !== recordsOf(list, 'PickListsLines')[index]))
      save(company, { ...list, PickListsLines: lines });
  }
}

function save(company: Company, list: Fields): void {
  const states = new Set(recordsOf(list, 'PickListsLines').map((line) => textOf(line, 'PickStatus')));
  const [only] = states;
  const delivered = states.has('ps_Closed') || states.has('ps_PartiallyDelivered');
  const mixed = delivered ? 'ps_PartiallyDelivered' : 'ps_PartiallyPicked';
  company
    .table('PickLists')
    .put(textOf(list, 'Absoluteentry'), { ...list, Status: states.size === 1 && only !== undefined ? only : mixed });
}

function showOnOrder(company: Company, listLine: Fields, change: Fields): void {
  const table = company.table('Orders');
  const order = table.get(String(numberOf(listLine, 'OrderEntry')));
  if (order === undefined) return;
  const lines = recordsOf(order, 'DocumentLines').map((line) =>
    numberOf(line, 'LineNum') === numberOf(listLine, 'OrderRowID')
      ? { ...line, ...change, PickStatus: 'tYES', PickListIdNumber: numberOf(listLine, 'AbsoluteEntry') }
      : line,
  );
  table.put(textOf(order, 'DocEntry'), { ...touched(company, order), PickStatus: 'tYES', DocumentLines: lines });
}
