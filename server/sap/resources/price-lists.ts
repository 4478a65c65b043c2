import type { z } from 'zod';
import type { ErpPriceList } from '../../app/ports/erp-prices.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { PriceListRow, toPriceList } from '../mappers/price-rows.ts';
import { compare, integer } from '../odata.ts';
import { readWhole, type WholeList } from './whole-list.ts';

const PRICE_LISTS: WholeList<'PriceLists', z.infer<typeof PriceListRow>, ErpPriceList> = {
  set: 'PriceLists',
  select: PriceListRow.keyof().options,
  key: 'PriceListNo',
  row: PriceListRow,
  map: toPriceList,
  behind: (row) => compare('PriceListNo', 'gt', integer(row.PriceListNo)),
};

export function listPriceListDetails(company: SapCompany): Promise<readonly ErpPriceList[]> {
  return readWhole(company, PRICE_LISTS);
}

/** What SAP refuses to tell this user, for want of a right or of the list, is not known; anything else is passed on. */
export async function unlessRefused<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RejectedError) return null;
    throw error;
  }
}
