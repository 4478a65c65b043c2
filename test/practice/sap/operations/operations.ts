import type { Fields } from '../../kernel/json.ts';
import { isFields, numberOf, textOf } from '../../kernel/json.ts';
import { round } from '../company/amounts.ts';
import type { Company } from '../company/model.ts';
import type { PriceQuestion } from '../company/prices.ts';
import { afterDiscount, rateOf, resolvePrice } from '../company/prices.ts';
import { itemUnit } from '../company/units.ts';
import { vatRatesOn } from '../company/vat.ts';
import { contextOf, present } from '../dialects.ts';
import { buildDocument } from '../documents/create.ts';
import { addDraft } from '../documents/drafts.ts';
import { kindOf } from '../documents/kinds.ts';
import { bodyOf } from '../entities/write.ts';
import { malformed, noMatch } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, noContent, preference } from '../messages.ts';
import { ownFieldsFor } from '../odata/read.ts';
import { dateParameter } from '../odata/resource.ts';
import { readPayload } from '../schema/payload.ts';
import { typeNamed } from '../schema/schema.ts';
import { complex, complexList, recordParameter } from './answers.ts';
import { companyInfo } from './company-info.ts';
import { dueDateBy } from './due-date.ts';
import { getDefaultSeries, getDocumentSeries, getSeries } from './series.ts';
import { eventCatalog, getAdminInfo, updateAdminInfo } from './webhook-operations.ts';

type Operation = (scene: Scene, request: SlRequest) => SlResponse;

/** Read-only ones that v2 also answers to GET; v1 knows POST alone. */
const FUNCTIONS = [
  'CompanyService_GetAdminInfo',
  'CompanyService_GetCompanyInfo',
  'SBOBobService_GetCurrencyRate',
  'SBOBobService_GetLocalCurrency',
  'SBOBobService_GetSystemCurrency',
  'SBOBobService_GetDueDate',
  'EventSubscriptionsService_GetEventCatalog',
];

const operations: Readonly<Record<string, Operation>> = {
  CompanyService_GetItemPrice: itemPrice,
  CompanyService_GetAdminInfo: getAdminInfo,
  CompanyService_UpdateAdminInfo: updateAdminInfo,
  CompanyService_GetCompanyInfo: (scene) => complex(scene, 'CompanyInfo', companyInfo(scene.company)),
  SBOBobService_GetCurrencyRate: currencyRate,
  SBOBobService_GetLocalCurrency: (scene) => json(scene, 200, scene.company.settings.localCurrency),
  SBOBobService_GetSystemCurrency: (scene) => json(scene, 200, scene.company.settings.localCurrency),
  SBOBobService_GetDueDate: dueDate,
  SeriesService_GetDocumentSeries: getDocumentSeries,
  SeriesService_GetDefaultSeries: getDefaultSeries,
  SeriesService_GetSeries: getSeries,
  ProfitCentersService_GetProfitCenterList: everyName('ProfitCenters', 'ProfitCenterParams', [
    'CenterCode',
    'CenterName',
  ]),
  DimensionsService_GetDimensionList: everyName('Dimensions', 'DimensionParams', ['DimensionCode', 'DimensionName']),
  DistributionRulesService_GetDistributionRuleList: everyName('DistributionRules', 'DistributionRuleParams', [
    'FactorCode',
    'FactorDescription',
  ]),
  EventSubscriptionsService_GetEventCatalog: eventCatalog,
  OrdersService_Preview: previewOrder,
  DraftsService_SaveDraftToDocument: saveDraftToDocument,
};

/** Undefined where there is no such operation, or not with that method. */
export function runOperation(scene: Scene, request: SlRequest, name: string): SlResponse | undefined {
  const operation = serves(scene, name) ? operations[name] : undefined;
  const lacksFunctions = scene.company.settings.missing.includes('functions');
  const asFunction =
    request.method === 'GET' && scene.dialect.version === 'v2' && FUNCTIONS.includes(name) && !lacksFunctions;
  if (operation === undefined || (request.method !== 'POST' && !asFunction)) return undefined;
  return operation(scene, request);
}

function serves({ company, dialect }: Scene, name: string): boolean {
  if (name !== 'EventSubscriptionsService_GetEventCatalog') return true;
  return company.settings.webhooks === 'available' && dialect.version === 'v2';
}

export function operationNames(): readonly string[] {
  return Object.keys(operations);
}

function itemPrice(scene: Scene, request: SlRequest): SlResponse {
  const { company } = scene;
  const asked = recordParameter(request, 'ItemPriceParams');
  const itemCode = textOf(asked, 'ItemCode');
  const cardCode = textOf(asked, 'CardCode');
  const item = company.table('Items').get(itemCode);
  if (item === undefined) throw noMatch();
  if (cardCode !== '' && !company.table('BusinessPartners').has(cardCode)) throw noMatch();
  const date = textOf(asked, 'Date') || company.stamp().date;
  const unit = itemUnit(company, item, numberOf(asked, 'UoMEntry'), '[OITM.UgpEntry]');
  const inStock = (numberOf(asked, 'InventoryQuantity') * unit.alternate) / unit.base;
  const answer = resolvePrice(company, {
    itemCode,
    cardCode,
    date,
    unit: unit.entry,
    quantity: numberOf(asked, 'UoMQuantity') || inStock || 1,
    ...(textOf(asked, 'Currency') === '' ? {} : { currency: textOf(asked, 'Currency') }),
    ...('PriceList' in asked ? { priceList: numberOf(asked, 'PriceList') } : {}),
    agreements: namedAgreement(company, asked),
  });
  const price = company.settings.itemPriceIs === 'after_discount' ? afterDiscount(answer) : answer.price;
  const vat = vatRatesOn(company, date).get(textOf(item, 'SalesVATGroup')) ?? 0;
  const untaxed = answer.gross && company.settings.itemPriceOfGrossList === 'net' ? price / (1 + vat / 100) : price;
  return complex(scene, 'ItemPriceReturnParams', {
    Price: round(untaxed, 6),
    Currency: answer.currency,
    Discount: answer.discount,
  });
}

function namedAgreement(company: Company, asked: Fields): NonNullable<PriceQuestion['agreements']> {
  const number = numberOf(asked, 'BlanketAgreementNumber');
  if (number !== 0) return { number, line: numberOf(asked, 'BlanketAgreementLine') };
  return company.settings.itemPriceKnowsAgreements ? 'any' : 'none';
}

/** Parameters come in the body, or on v2 as a function's: `…(Currency='USD',Date='20260304')` or in the query. */
function currencyRate(scene: Scene, request: SlRequest): SlResponse {
  const given = request.method === 'POST' ? bodyOf(request) : functionParameters(request);
  const currency = textOf(given, 'Currency');
  if (!scene.company.table('Currencies').has(currency)) throw noMatch();
  return json(scene, 200, rateOf(scene.company, currency, dateParameter(textOf(given, 'Date'))));
}

/** Terms of the partner applied to a day; both parameters are text, and so is the answer. */
function dueDate(scene: Scene, request: SlRequest): SlResponse {
  const given = request.method === 'POST' ? bodyOf(request) : functionParameters(request);
  const partner = scene.company.table('BusinessPartners').get(textOf(given, 'CardCode'));
  if (partner === undefined) throw noMatch();
  const terms = scene.company.table('PaymentTermsTypes').get(textOf(partner, 'PayTermsGrpCode')) ?? {};
  return json(scene, 200, dueDateBy(terms, dateParameter(textOf(given, 'RefDate'))).replaceAll('-', ''));
}

function everyName(set: string, type: string, fields: readonly string[]): Operation {
  return (scene) =>
    complexList(
      scene,
      type,
      scene.company
        .table(set)
        .all()
        .map((row) => only(row, fields)),
    );
}

function only(row: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

function functionParameters(request: SlRequest): Fields {
  const text = `${request.path}&${decodeURIComponent(request.query)}`;
  return Object.fromEntries([...text.matchAll(/(\w+)='([^']*)'/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

function previewOrder(scene: Scene, request: SlRequest): SlResponse {
  const wrapped = bodyOf(request)['Document'];
  if (!isFields(wrapped)) throw malformed("Parameter 'Document' is missing");
  const own = ownFieldsFor(scene, 'Orders');
  const sent = readPayload(typeNamed('Document'), wrapped, own);
  const built = buildDocument(scene.company, kindOf('Orders'), sent);
  const context = contextOf(scene.dialect, scene.origin, 'Orders', true);
  return json(scene, 200, {
    ...context,
    ...present(scene.dialect, typeNamed('Document'), { ...built, DocEntry: null, DocNum: null }, own, undefined),
  });
}

/** The new document's key is not in the answer. */
function saveDraftToDocument(scene: Scene, request: SlRequest): SlResponse {
  const wrapped = bodyOf(request)['Document'];
  if (!isFields(wrapped)) throw malformed("Parameter 'Document' is missing");
  const sent = readPayload(typeNamed('Document'), wrapped, ownFieldsFor(scene, 'Drafts'));
  const made = scene.company.atomically(() => addDraft(scene.company, numberOf(sent, 'DocEntry')));
  // It waits for an approval: as with a POST, the platform looks for a document and finds none.
  if (made === undefined && preference(request, 'return-no-content') === undefined) throw noMatch();
  return noContent();
}
