import type { Fields } from '../../kernel/json.ts';
import { isFields, numberOf, textOf } from '../../kernel/json.ts';
import { round } from '../company/amounts.ts';
import { afterDiscount, rateOf, resolvePrice } from '../company/prices.ts';
import { contextOf, present } from '../dialects.ts';
import { buildDocument } from '../documents/create.ts';
import { draftToDocument } from '../documents/drafts.ts';
import { kindOf } from '../documents/kinds.ts';
import { bodyOf } from '../entities/write.ts';
import { malformed, noMatch } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, noContent } from '../messages.ts';
import { ownFieldsFor } from '../odata/read.ts';
import { dateParameter } from '../odata/resource.ts';
import { readPayload } from '../schema/payload.ts';
import { typeNamed } from '../schema/schema.ts';
import { adminInfo, companyInfo } from './company-info.ts';

type Operation = (scene: Scene, request: SlRequest) => SlResponse;

/** Read-only ones that v2 also answers to GET; v1 knows POST alone. */
const FUNCTIONS = [
  'CompanyService_GetAdminInfo',
  'CompanyService_GetCompanyInfo',
  'SBOBobService_GetCurrencyRate',
  'SBOBobService_GetLocalCurrency',
  'SBOBobService_GetSystemCurrency',
];

const operations: Readonly<Record<string, Operation>> = {
  CompanyService_GetItemPrice: itemPrice,
  CompanyService_GetAdminInfo: (scene) => complex(scene, 'AdminInfo', adminInfo(scene.company)),
  CompanyService_GetCompanyInfo: (scene) => complex(scene, 'CompanyInfo', companyInfo(scene.company)),
  SBOBobService_GetCurrencyRate: currencyRate,
  SBOBobService_GetLocalCurrency: (scene) => json(scene, 200, scene.company.settings.localCurrency),
  SBOBobService_GetSystemCurrency: (scene) => json(scene, 200, scene.company.settings.localCurrency),
  OrdersService_Preview: previewOrder,
  DraftsService_SaveDraftToDocument: saveDraftToDocument,
};

/** Undefined where there is no such operation, or not with that method. */
export function runOperation(scene: Scene, request: SlRequest, name: string): SlResponse | undefined {
  const operation = operations[name];
  const asFunction = request.method === 'GET' && scene.dialect.version === 'v2' && FUNCTIONS.includes(name);
  if (operation === undefined || (request.method !== 'POST' && !asFunction)) return undefined;
  return operation(scene, request);
}

export function operationNames(): readonly string[] {
  return Object.keys(operations);
}

function complex(scene: Scene, typeName: string, row: Fields): SlResponse {
  const type = typeNamed(typeName);
  const context = contextOf(
    scene.dialect,
    scene.origin,
    scene.dialect.version === 'v1' ? typeName : `SAPB1.${typeName}`,
    false,
  );
  return json(scene, 200, { ...context, ...present(scene.dialect, type, row, () => [], undefined) });
}

function itemPrice(scene: Scene, request: SlRequest): SlResponse {
  const { company } = scene;
  const wrapped = bodyOf(request)['ItemPriceParams'];
  if (!isFields(wrapped)) throw malformed("Parameter 'ItemPriceParams' is missing");
  const asked = readPayload(typeNamed('ItemPriceParams'), wrapped, () => []);
  const itemCode = textOf(asked, 'ItemCode');
  const cardCode = textOf(asked, 'CardCode');
  if (!company.table('Items').has(itemCode)) throw noMatch();
  if (cardCode !== '' && !company.table('BusinessPartners').has(cardCode)) throw noMatch();
  const answer = resolvePrice(company, {
    itemCode,
    cardCode,
    date: textOf(asked, 'Date') || company.stamp().date,
    quantity: numberOf(asked, 'UoMQuantity') || numberOf(asked, 'InventoryQuantity') || 1,
    ...(textOf(asked, 'Currency') === '' ? {} : { currency: textOf(asked, 'Currency') }),
    ...('PriceList' in asked ? { priceList: numberOf(asked, 'PriceList') } : {}),
  });
  const price = company.settings.itemPriceIs === 'after_discount' ? afterDiscount(answer) : answer.price;
  return complex(scene, 'ItemPriceReturnParams', {
    Price: round(price, 6),
    Currency: answer.currency,
    Discount: answer.discount,
  });
}

/** Parameters come in the body, or on v2 as a function's: `…(Currency='USD',Date='20260304')` or in the query. */
function currencyRate(scene: Scene, request: SlRequest): SlResponse {
  const given = request.method === 'POST' ? bodyOf(request) : functionParameters(request);
  const currency = textOf(given, 'Currency');
  if (!scene.company.table('Currencies').has(currency)) throw noMatch();
  return json(scene, 200, rateOf(scene.company, currency, dateParameter(textOf(given, 'Date'))));
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
  const entry = numberOf(wrapped, 'DocEntry');
  scene.company.atomically(() => draftToDocument(scene.company, entry));
  return noContent();
}
