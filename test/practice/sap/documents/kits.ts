import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';

/**
 * Lines as sent, with the parts of each sales kit behind it: the kit has the price, its parts the stock. Lines that were
 * copied from another document, or come with their parts already, stay as they are.
 */
export function withKitParts(company: Company, lines: readonly Fields[]): readonly Fields[] {
  return lines.flatMap((line, index) => {
    const tree = company.table('ProductTrees').get(textOf(line, 'ItemCode'));
    const next = lines[index + 1];
    const complete = next !== undefined && textOf(next, 'TreeType') === 'iIngredient';
    if (tree === undefined || textOf(tree, 'TreeType') !== 'iSalesTree' || 'BaseEntry' in line || complete)
      return [line];
    const kits = ('Quantity' in line ? numberOf(line, 'Quantity') : 1) / (numberOf(tree, 'Quantity') || 1);
    return [line, ...recordsOf(tree, 'ProductTreeLines').map((part) => partLine(line, part, kits))];
  });
}

function partLine(line: Fields, part: Fields, kits: number): Fields {
  const warehouse = textOf(part, 'Warehouse') || textOf(line, 'WarehouseCode');
  return {
    ItemCode: textOf(part, 'ItemCode'),
    Quantity: numberOf(part, 'Quantity') * kits,
    UnitPrice: 0,
    TreeType: 'iIngredient',
    ...(warehouse === '' ? {} : { WarehouseCode: warehouse }),
  };
}
