import { z } from 'zod';
import type { Stamp } from '../../app/ports/erp.ts';
import type { Feature } from '../../app/ports/erp-capabilities.ts';
import { RejectedError } from '../../kernel/errors.ts';
import { addDays, type LocalDate } from '../../kernel/local-date.ts';
import { takesBatches } from '../batch-read.ts';
import type { SapCompany, SapRequest } from '../company.ts';
import { parseJson } from '../errors.ts';
import type { HttpAnswer } from '../exchange.ts';
import { PAGE_SIZE, preferPage, readOne, readRows } from '../lists.ts';
import { OptionalNumber, OptionalText, stamp } from '../mappers/values.ts';
import { compare, type FieldOfType, list, text } from '../odata.ts';
import { hasKeyField } from '../resources/key-field.ts';
import { isUnknownResource } from '../resources/unknown-resource.ts';
import { answerOf, ask, call, get, post, type Told } from './ask.ts';
import { featureOf } from './feature.ts';

const AdminInfo = z.object({
  CompanyName: OptionalText,
  LocalCurrency: OptionalText,
  EnableApprovalProcedureInDI: OptionalText,
  EnableBranches: OptionalText,
  EnableWebhook: z.unknown().optional(),
  TotalsAccuracy: OptionalNumber,
  PriceAccuracy: OptionalNumber,
  AccuracyofQuantities: OptionalNumber,
  RateAccuracy: OptionalNumber,
  PercentageAccuracy: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'AdminInfo'>, z.ZodType>>);
export type AdminInfo = z.infer<typeof AdminInfo>;

/** The company's own switches. */
export function adminInfo(company: SapCompany): Promise<Told<AdminInfo>> {
  return ask(company, call('CompanyService_GetAdminInfo'), (answer) => readOne(answer, AdminInfo));
}

const CompanyInfo = z.object({ Version: z.union([z.string(), z.number()]).transform(String) });

export async function version(company: SapCompany): Promise<string | null> {
  const told = await ask(company, call('CompanyService_GetCompanyInfo'), (answer) => readOne(answer, CompanyInfo));
  return answerOf(told)?.Version ?? null;
}

/** A batch of one small read. */
export async function batch(company: SapCompany): Promise<Feature> {
  try {
    const target = list('PriceLists', { select: ['PriceListNo'], orderBy: ['PriceListNo'], top: 1 });
    return (await takesBatches(company, { method: 'GET', target, prefer: preferPage(1) })) ? 'yes' : 'no';
  } catch (error) {
    const feature = featureOf(error);
    if (feature === null) throw error;
    return feature;
  }
}

const AnyRow = z.record(z.string(), z.unknown());
const anyRows = (answer: HttpAnswer) => readRows(answer, AnyRow, 1).rows;

export async function userTables(company: SapCompany): Promise<Feature> {
  const target = list('UserTablesMD', { select: ['TableName'], orderBy: ['TableName'], top: 1 });
  return (await ask(company, get(target), anyRows)).feature;
}

/** Asked for its rows, which is what the hand-off relies on: a table just made may need a restart before it answers. */
export async function ledger(company: SapCompany): Promise<Feature> {
  const target = list('U_PD_LINK', { select: ['Code'], orderBy: ['Code'], top: 1 });
  return (await ask(company, get(target), anyRows)).feature;
}

export async function keyField(company: SapCompany): Promise<Feature> {
  try {
    return (await hasKeyField(company)) ? 'yes' : 'no';
  } catch (error) {
    const feature = featureOf(error);
    if (feature === null) throw error;
    return feature;
  }
}

export async function sqlQueries(company: SapCompany): Promise<Feature> {
  const target = list('SQLQueries', { select: ['SqlCode'], orderBy: ['SqlCode'], top: 1 });
  return (await ask(company, get(target), anyRows)).feature;
}

export async function webhooks(company: SapCompany): Promise<Feature> {
  const target = list('EventSubscriptions', { select: ['WebhookID'], orderBy: ['WebhookID'], top: 1 });
  return (await ask(company, get(target), anyRows)).feature;
}

/** A customer, and whether records carry a tag by which a change since then is noticed. */
export async function etagAndCustomer(company: SapCompany): Promise<{ etag: Feature; cardCode: string | undefined }> {
  const target = list('BusinessPartners', {
    select: ['CardCode', 'DataVersion'],
    filter: compare<'BusinessPartners'>('CardType', 'eq', text('cCustomer')),
    orderBy: ['CardCode'],
    top: 1,
  });
  const told = await ask(company, get(target, { prefer: preferPage(1) }), anyRows);
  const [row] = answerOf(told) ?? [];
  if (!row) return { etag: told.feature === 'yes' ? 'unknown' : told.feature, cardCode: undefined };
  const tagged = '@odata.etag' in row || 'odata.etag' in row;
  return { etag: tagged ? 'yes' : 'no', cardCode: textIn(row, 'CardCode') };
}

/** An item, and whether its prices may be named in `$select`. */
export async function collectionsAndItem(
  company: SapCompany,
): Promise<{ collectionSelect: Feature; itemCode: string | undefined }> {
  const filter = compare<'Items'>('SalesItem', 'eq', text('tYES'));
  const one = { filter, orderBy: ['ItemCode'], top: 1 } as const;
  const prefer = { prefer: preferPage(1) };
  const told = await ask(company, get(list('Items', { ...one, select: ['ItemCode', 'ItemPrices'] }), prefer), anyRows);
  const [row] = answerOf(told) ?? [];
  if (row) return { collectionSelect: 'yes', itemCode: textIn(row, 'ItemCode') };
  const plain = answerOf(await ask(company, get(list('Items', { ...one, select: ['ItemCode'] }), prefer), anyRows));
  const itemCode = plain?.[0] && textIn(plain[0], 'ItemCode');
  // Refused with the collection and answered without it: the collection it is.
  return { collectionSelect: told.feature === 'no' && plain ? 'no' : 'unknown', itemCode };
}

/** @returns the most rows that came at once; null where there are fewer than asked for */
export async function pageSize(company: SapCompany): Promise<number | null> {
  const target = list('Items', { select: ['ItemCode'], orderBy: ['ItemCode'], top: PAGE_SIZE });
  const told = await ask(company, get(target, { prefer: preferPage(PAGE_SIZE) }), (answer) =>
    readRows(answer, AnyRow, PAGE_SIZE),
  );
  const page = answerOf(told);
  return page?.more ? page.rows.length : null;
}

const Stamps = z.object({ UpdateDate: OptionalText, UpdateTime: OptionalText });
const STAMPS = 20;

const LATEST = {
  BusinessPartners: list('BusinessPartners', {
    select: ['CardCode', 'UpdateDate', 'UpdateTime'],
    orderBy: ['UpdateDate desc', 'UpdateTime desc', 'CardCode'],
    top: STAMPS,
  }),
  Items: list('Items', {
    select: ['ItemCode', 'UpdateDate', 'UpdateTime'],
    orderBy: ['UpdateDate desc', 'UpdateTime desc', 'ItemCode'],
    top: STAMPS,
  }),
} as const;

/** Stamps of the latest changes, newest first. */
export async function newestStamps(company: SapCompany, of: keyof typeof LATEST): Promise<readonly Stamp[]> {
  const told = await ask(
    company,
    get(LATEST[of], { prefer: preferPage(STAMPS) }),
    (answer) => readRows(answer, Stamps, STAMPS).rows,
  );
  return (answerOf(told) ?? []).flatMap((row) => stamp(row.UpdateDate, row.UpdateTime) ?? []);
}

/** Whether SAP computes an order without saving it. Any refusal that is not about the operation shows that it is there. */
export async function preview(
  company: SapCompany,
  cardCode: string,
  itemCode: string,
  today: LocalDate,
): Promise<Feature> {
  const document: Partial<Record<FieldOfType<'Document'>, unknown>> = {
    CardCode: cardCode,
    DocDate: today,
    DocDueDate: addDays(today, 7),
    DocumentLines: [
      { ItemCode: itemCode, Quantity: 1 } satisfies Partial<Record<FieldOfType<'DocumentLine'>, unknown>>,
    ],
  };
  return operation(company, post('OrdersService_Preview', { Document: document }), (answer) => readOne(answer, AnyRow));
}

export async function itemPrice(
  company: SapCompany,
  cardCode: string,
  itemCode: string,
  today: LocalDate,
): Promise<Feature> {
  const params: Partial<Record<FieldOfType<'ItemPriceParams'>, unknown>> = {
    CardCode: cardCode,
    ItemCode: itemCode,
    Date: today,
    UoMQuantity: 1,
  };
  return operation(company, post('CompanyService_GetItemPrice', { ItemPriceParams: params }), (answer) =>
    parseJson(answer.body),
  );
}

/** Whether a company has an operation: who refuses what it is given, has it. */
async function operation(
  company: SapCompany,
  build: () => SapRequest,
  parse: (answer: HttpAnswer) => unknown,
): Promise<Feature> {
  try {
    await company.read(build, parse);
    return 'yes';
  } catch (error) {
    if (isUnknownResource(error)) return 'no';
    const feature = featureOf(error);
    if (feature === null) throw error;
    return error instanceof RejectedError && feature !== 'forbidden' ? 'yes' : feature;
  }
}

function textIn(row: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = row[field];
  return typeof value === 'string' ? value : undefined;
}
