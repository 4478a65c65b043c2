import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { isActive } from '../company/active.ts';
import { extended, round } from '../company/amounts.ts';
import type { Company } from '../company/model.ts';
import { resolvePrice } from '../company/prices.ts';
import type { ItemUnit } from '../company/units.ts';
import { itemUnit } from '../company/units.ts';
import { business, refused, SapError } from '../errors.ts';
import type { DocumentKind } from './kinds.ts';
import { findKindByType } from './kinds.ts';

/** The header as far as its lines depend on it. */
export interface LineScene {
  readonly company: Company;
  readonly kind: DocumentKind;
  readonly partner: Fields;
  readonly date: string;
  readonly currency: string;
  readonly service: boolean;
  /** Tax groups with their percentages on the document's day. */
  readonly vatRates: ReadonlyMap<string, number>;
}

/**
 * One line as sent, made complete: from its base document, or from item, partner and price lists.
 * @throws SapError that names table, field and line (from 1) as the platform does.
 */
export function completeLine(scene: LineScene, sent: Fields, index: number): Fields {
  const at = (field: string) => `[${scene.kind.lineTable}.${field}][line: ${index + 1}]`;
  const based = 'BaseType' in sent || 'BaseEntry' in sent || 'BaseLine' in sent;
  const line = based && numberOf(sent, 'BaseType') !== -1 ? fromBase(scene, sent, at) : sent;
  if (scene.service) return serviceLine(line, at);

  const item = checkedItem(scene, textOf(line, 'ItemCode'), at);
  const quantity = 'Quantity' in line ? numberOf(line, 'Quantity') : 1;
  if (quantity <= 0) throw refused(`Quantity must be greater than zero ${at('Quantity')}`);
  const vatGroup = checkedVat(scene, line, item, at);
  const priced = withPrice(scene, { ...line, VatGroup: vatGroup }, item, quantity, at);
  const unit = lineUnit(scene, line, item, at);
  const inStock = round((quantity * unit.base) / unit.alternate, 6);
  return {
    ...DEFAULTS,
    ...priced,
    ItemCode: textOf(item, 'ItemCode'),
    ItemDescription: textOf(line, 'ItemDescription') || textOf(item, 'ItemName'),
    Quantity: quantity,
    InventoryQuantity: inStock,
    UoMEntry: unit.entry,
    UoMCode: unit.code,
    TreeType: textOf(line, 'TreeType') === 'iIngredient' ? 'iIngredient' : textOf(item, 'TreeType') || 'iNotATree',
    RemainingOpenQuantity: quantity,
    RemainingOpenInventoryQuantity: inStock,
    Currency: scene.currency,
    VatGroup: vatGroup,
    WarehouseCode: checkedWarehouse(scene, line, item, at),
    ...checkedCostCenters(scene, line, at),
  };
}

const DEFAULTS: Fields = {
  LineStatus: 'bost_Open',
  LineType: 'dlt_Regular',
  TreeType: 'iNotATree',
  PickStatusEx: 'dlps_NotPicked',
  UoMEntry: -1,
  UoMCode: 'Manuell',
  BaseType: -1,
  DiscountPercent: 0,
};

type At = (field: string) => string;

/** Purchases count in stock units here, unless the line says otherwise. */
function lineUnit({ company, kind }: LineScene, line: Fields, item: Fields, at: At): ItemUnit {
  const asked = numberOf(line, 'UoMEntry');
  if (kind.side === 'purchase' && asked <= 0) return { entry: -1, code: 'Manuell', base: 1, alternate: 1 };
  return itemUnit(company, item, asked, at('UomEntry'));
}

function fromBase(scene: LineScene, sent: Fields, at: At): Fields {
  const kind = findKindByType(numberOf(sent, 'BaseType'));
  const complete = 'BaseType' in sent && 'BaseEntry' in sent && 'BaseLine' in sent;
  if (!complete || kind === undefined || !scene.kind.bases.includes(kind.objectType))
    throw refused(`Invalid base document ${at('BaseType')}`);
  const document = scene.company.table(kind.set).get(String(numberOf(sent, 'BaseEntry')));
  const base = recordsOf(document ?? {}, 'DocumentLines').find(
    (line) => numberOf(line, 'LineNum') === numberOf(sent, 'BaseLine'),
  );
  if (document === undefined || base === undefined)
    throw new SapError(404, -2028, `No matching records found  ${at('BaseEntry')} (ODBC -2028)`);
  if (textOf(document, 'CardCode') !== textOf(scene.partner, 'CardCode'))
    throw refused(`Base document belongs to another business partner ${at('BaseEntry')}`);
  const credit = scene.kind.set === 'CreditNotes';
  const open = credit ? numberOf(base, 'Quantity') : numberOf(base, 'RemainingOpenQuantity');
  const closed = textOf(document, 'DocumentStatus') !== 'bost_Open' || textOf(base, 'LineStatus') !== 'bost_Open';
  if (!credit && (closed || open <= 0))
    throw refused(`One of the base documents has already been closed ${at('BaseEntry')}`);
  if ('ItemCode' in sent && textOf(sent, 'ItemCode') !== textOf(base, 'ItemCode'))
    throw refused(`Item differs from the base document ${at('ItemCode')}`);
  const { UnitPrice, DiscountPercent, VatGroup, WarehouseCode, ItemCode, ItemDescription, UoMEntry, TreeType } = base;
  const copied: Record<string, Json> = { Quantity: open };
  for (const [name, value] of Object.entries({
    UnitPrice,
    DiscountPercent,
    VatGroup,
    WarehouseCode,
    ItemCode,
    ItemDescription,
    UoMEntry,
    TreeType,
  })) {
    if (value !== undefined) copied[name] = value;
  }
  for (const name of COST_FIELDS) if (base[name] !== undefined) copied[name] = base[name];
  return { ...copied, ...sent };
}

function serviceLine(line: Fields, at: At): Fields {
  const total = 'LineTotal' in line ? numberOf(line, 'LineTotal') : numberOf(line, 'UnitPrice');
  if (textOf(line, 'ItemDescription') === '') throw refused(`Description is missing ${at('Dscription')}`);
  return {
    ...DEFAULTS,
    ...line,
    Quantity: 1,
    UnitPrice: total,
    RemainingOpenQuantity: 1,
    VatGroup: textOf(line, 'VatGroup') || 'A1',
  };
}

function checkedItem({ company, kind, date }: LineScene, itemCode: string, at: At): Fields {
  if (itemCode === '') throw refused(`Item no. is missing ${at('ItemCode')}`);
  const item = company.table('Items').get(itemCode);
  if (item === undefined) throw new SapError(404, -2028, `No matching records found  ${at('ItemCode')} (ODBC -2028)`);
  if (!isActive(item, date)) throw business(`10001069 - Item is inactive  ${at('ItemCode')} , '${itemCode}'`);
  const flag = kind.side === 'sales' ? 'SalesItem' : 'PurchaseItem';
  if (textOf(item, flag) === 'tNO')
    throw refused(`Item '${itemCode}' is not a ${kind.side === 'sales' ? 'sales' : 'purchase'} item ${at('ItemCode')}`);
  return item;
}

function checkedVat({ vatRates, partner, kind }: LineScene, line: Fields, item: Fields, at: At): string {
  const own = textOf(line, 'VatGroup');
  const usual = kind.side === 'sales' ? textOf(item, 'SalesVATGroup') : textOf(item, 'PurchaseVATGroup');
  const group = own || textOf(partner, 'VatGroup') || usual;
  if (!vatRates.has(group)) throw business(`10000180 - Invalid tax code or VAT group  ${at('VatGroup')} , '${group}'`);
  return group;
}

function checkedWarehouse({ company }: LineScene, line: Fields, item: Fields, at: At): string {
  const code =
    textOf(line, 'WarehouseCode') ||
    textOf(item, 'DefaultWarehouse') ||
    textOf(company.table('Warehouses').all()[0] ?? {}, 'WarehouseCode');
  const warehouse = company.table('Warehouses').get(code);
  if (warehouse === undefined)
    throw new SapError(404, -2028, `No matching records found  ${at('WhsCode')} , '${code}' (ODBC -2028)`);
  if (textOf(warehouse, 'Inactive') === 'tYES') throw business(`Warehouse is inactive  ${at('WhsCode')} , '${code}'`);
  return code;
}

const COST_FIELDS = ['CostingCode', 'CostingCode2', 'CostingCode3', 'CostingCode4', 'CostingCode5'] as const;

function checkedCostCenters({ company }: LineScene, line: Fields, at: At): Fields {
  const kept: Record<string, Json> = {};
  COST_FIELDS.forEach((field, index) => {
    const code = textOf(line, field);
    if (code === '') return;
    // A line takes rules; each profit centre has one of its own name.
    const rule = company.table('DistributionRules').get(code) ?? company.table('ProfitCenters').get(code);
    const fits =
      rule !== undefined && numberOf(rule, 'InWhichDimension') === index + 1 && textOf(rule, 'Active') !== 'tNO';
    if (!fits)
      throw refused(
        `Distribution rule is not valid  ${at(index === 0 ? 'OcrCode' : `OcrCode${index + 1}`)} , '${code}'`,
      );
    kept[field] = code;
  });
  return kept;
}

/** A price that was sent is manual; else the company's own. Pairs that do not agree are refused without a reason, as in life. */
function withPrice(scene: LineScene, line: Fields, item: Fields, quantity: number, at: At): Fields {
  const discount = numberOf(line, 'DiscountPercent');
  if (discount >= 100) throw refused(`10001058 - Enter a discount percentage of less than 100  ${at('DiscPrcnt')}`);
  const vat = scene.vatRates.get(textOf(line, 'VatGroup')) ?? 0;
  const local = scene.currency === scene.company.settings.localCurrency;
  const sentUnit = sentUnitPrice(line, { vat, discount, quantity, local });
  if (sentUnit === undefined) {
    const { company, partner, date, currency } = scene;
    const asked = {
      itemCode: textOf(item, 'ItemCode'),
      cardCode: textOf(partner, 'CardCode'),
      date,
      quantity,
      currency,
      unit: numberOf(line, 'UoMEntry'),
    };
    const own = resolvePrice(company, asked);
    const kept = 'DiscountPercent' in line && line['DiscountPercent'] !== null ? discount : own.discount;
    const net = own.gross ? round(own.price / (1 + vat / 100), 6) : own.price;
    const bound = own.agreement;
    return {
      ...line,
      UnitPrice: net,
      DiscountPercent: kept,
      PriceSource: own.source,
      ...(bound === undefined ? {} : { AgreementNo: bound.number, AgreementRowNumber: bound.line }),
    };
  }
  if (sentUnit < 0) throw refused(`Price cannot be negative ${at('Price')}`);
  return { ...line, UnitPrice: sentUnit, DiscountPercent: discount, PriceSource: 'dpsManual' };
}

interface PriceRules {
  readonly vat: number;
  readonly discount: number;
  readonly quantity: number;
  /** LineTotal is in local currency, so it says nothing about a price in another. */
  readonly local: boolean;
}

function sentUnitPrice(line: Fields, { vat, discount, quantity, local }: PriceRules): number | undefined {
  const given = (name: string) => (line[name] === undefined || line[name] === null ? undefined : numberOf(line, name));
  const unit = given('UnitPrice');
  const price = given('Price');
  const total = local ? given('LineTotal') : undefined;
  const gross = given('PriceAfterVAT') ?? given('GrossPrice');
  const before = (after: number) => round(after / (1 - discount / 100), 6);
  const found =
    unit ??
    (price !== undefined ? before(price) : undefined) ??
    (gross !== undefined ? before(gross / (1 + vat / 100)) : undefined);
  const derived = found ?? (total !== undefined ? before(total / quantity) : undefined);
  if (derived === undefined) return undefined;
  const agrees =
    (price === undefined || Math.abs(extended(1, derived, discount, 6) - price) < 0.000_002) &&
    (total === undefined || extended(quantity, derived, discount) === round(total)) &&
    (gross === undefined || Math.abs(extended(1, derived, discount, 6) * (1 + vat / 100) - gross) < 0.01);
  if (!agrees) throw refused('Internal error (-5002) occurred');
  return derived;
}
