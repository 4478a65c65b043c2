import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { refused } from '../errors.ts';
import type { DocumentKind } from './kinds.ts';

/**
 * In a company with branches every document belongs to one, and so do its warehouses.
 * @throws SapError -5002 where the branch is missing, closed or not that of a warehouse.
 */
export function checkBranch(company: Company, kind: DocumentKind, sent: Fields, lines: readonly Fields[]): void {
  if (!company.settings.branches) return;
  const branch = company.table('BusinessPlaces').get(String(numberOf(sent, 'BPL_IDAssignedToInvoice')));
  if (branch === undefined || textOf(branch, 'Disabled') === 'tYES')
    throw refused(`Specify an active branch  [${kind.table}.BPLId]`);
  lines.forEach((line, index) => {
    const warehouse = company.table('Warehouses').get(textOf(line, 'WarehouseCode')) ?? {};
    const own = numberOf(warehouse, 'BusinessPlaceID');
    if (own !== 0 && own !== numberOf(branch, 'BPLID'))
      throw refused(
        `Warehouse is not assigned to the same branch as the document  [${kind.lineTable}.WhsCode][line: ${index + 1}]`,
      );
  });
}
