import { z } from 'zod';
import type { ErpCustomerView } from '../../app/ports/erp.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { BatchPart } from '../batch.ts';
import { readTogether } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import type { HttpAnswer } from '../exchange.ts';
import { listPart, PAGE_SIZE, readOne, readRows, selectFor, withSelectableCollections } from '../lists.ts';
import { PARTNER_FIELDS, PartnerRow, toPartner } from '../mappers/partner.ts';
import type { Remembered } from '../memory.ts';
import { one, text } from '../odata.ts';
import { todayAt } from './partners.ts';

type ListName = 'groups' | 'priceLists' | 'paymentTerms';

/** A short list of names, read beside the customer while it is not remembered. */
interface NameList {
  readonly name: ListName;
  readonly part: (company: SapCompany) => BatchPart;
  readonly read: (answer: HttpAnswer) => ReadonlyMap<number, string>;
}

const LISTS: readonly NameList[] = [
  {
    name: 'groups',
    part: (company) =>
      listPart(company, 'BusinessPartnerGroups', { select: ['Code', 'Name'], orderBy: ['Code'], top: PAGE_SIZE }),
    read: (answer) =>
      names(answer, z.object({ Code: z.number(), Name: z.string().nullish() }), (row) => [row.Code, row.Name]),
  },
  {
    name: 'priceLists',
    part: (company) =>
      listPart(company, 'PriceLists', {
        select: ['PriceListNo', 'PriceListName'],
        orderBy: ['PriceListNo'],
        top: PAGE_SIZE,
      }),
    read: (answer) =>
      names(answer, z.object({ PriceListNo: z.number(), PriceListName: z.string().nullish() }), (row) => [
        row.PriceListNo,
        row.PriceListName,
      ]),
  },
  {
    name: 'paymentTerms',
    part: (company) =>
      listPart(company, 'PaymentTermsTypes', {
        select: ['GroupNumber', 'PaymentTermsGroupName'],
        orderBy: ['GroupNumber'],
        top: PAGE_SIZE,
      }),
    read: (answer) =>
      names(answer, z.object({ GroupNumber: z.number(), PaymentTermsGroupName: z.string().nullish() }), (row) => [
        row.GroupNumber,
        row.PaymentTermsGroupName,
      ]),
  },
];

/**
 * The customer with its names, in one request. Names are a nicety: where SAP refuses a list, the customer is shown
 * without it.
 * @throws {NotFoundError} when SAP has no such partner
 */
export function viewCustomer(company: SapCompany, cardCode: string): Promise<ErpCustomerView> {
  return withSelectableCollections(company, async () => {
    const missing = LISTS.filter(({ name }) => company.memory.get(name) === undefined);
    const target = one('BusinessPartners', text(cardCode), selectFor(company, PARTNER_FIELDS));
    const parts: BatchPart[] = [{ method: 'GET', target }, ...missing.map(({ part }) => part(company))];
    const { answers, stopped } = await readTogether(company, parts);
    const [first, ...lists] = answers;
    if (!first) throw notFoundOr(stopped, cardCode);
    lists.forEach((answer, index) => {
      const list = missing[index];
      if (list) company.memory.set(list.name, list.read(answer));
    });
    return toView(company, readOne(first, PartnerRow));
  });
}

function toView(company: SapCompany, row: PartnerRow): ErpCustomerView {
  const partner = toPartner(row, todayAt(company));
  return {
    partner,
    groupName: nameIn(company, 'groups', partner.groupCode),
    priceListName: nameIn(company, 'priceLists', partner.priceList),
    paymentTermsName: nameIn(company, 'paymentTerms', partner.paymentTerms),
    localCurrency: company.access.localCurrency,
  };
}

function nameIn(company: SapCompany, list: ListName, code: number | null): string | null {
  const known: Remembered[ListName] | undefined = company.memory.get(list);
  return code === null ? null : (known?.get(code) ?? null);
}

function names<Row>(
  answer: HttpAnswer,
  row: z.ZodType<Row>,
  entry: (row: Row) => readonly [number, string | null | undefined],
): ReadonlyMap<number, string> {
  return new Map(
    readRows(answer, row, PAGE_SIZE).rows.map((found) => {
      const [code, name] = entry(found);
      return [code, name ?? String(code)];
    }),
  );
}

function notFoundOr(error: Error | undefined, cardCode: string): Error {
  if (error instanceof RejectedError && error.code === '-2028') {
    return new NotFoundError(`SAP has no business partner ${cardCode} any more.`, { cause: error });
  }
  return error ?? new RangeError('a batch without its answers');
}
