import { z } from 'zod';
import type { ErpCustomerView } from '../../app/ports/erp.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { BatchPart } from '../batch.ts';
import { type PartOutcome, readEach } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import { readOne, selectFor, withSelectableCollections } from '../lists.ts';
import { PARTNER_FIELDS, PartnerRow, toCredit, toPartner } from '../mappers/partner.ts';
import { filled, OptionalNumber, OptionalText } from '../mappers/values.ts';
import { one, text } from '../odata.ts';
import { CUSTOMER_NAMES } from './name-lists.ts';
import { todayAt } from './partners.ts';

/**
 * The customer with its names, in one request; the first time that a head office is met, in two.
 * @throws {NotFoundError} when SAP has no such partner
 */
export function viewCustomer(company: SapCompany, cardCode: string): Promise<ErpCustomerView> {
  return withSelectableCollections(company, async () => {
    const known = company.memory.headOffices.get(cardCode);
    const lists = CUSTOMER_NAMES.map((list) => ({ list, part: list.part(company) }));
    const parts = [
      partnerPart(company, cardCode),
      ...(known === undefined ? [] : [accountPart(known)]),
      ...lists.flatMap(({ part }) => part ?? []),
    ];
    const outcomes = await readEach(company, parts, 1).catch((error: unknown) => {
      throw notFoundOr(error, cardCode);
    });
    const outcomeOf = new Map(parts.map((part, index) => [part.target, outcomes[index]]));
    const asked = (part: BatchPart | undefined) => (part === undefined ? undefined : outcomeOf.get(part.target));
    for (const { list, part } of lists) await list.keep(company, asked(part));
    const row = readOne(answered(outcomes[0]), PartnerRow);
    const head = filled(row.FatherCard);
    if (head === null) company.memory.headOffices.delete(cardCode);
    else company.memory.headOffices.set(cardCode, head);
    return toView(company, row, head === null ? null : await accountOf(company, head, asked(accountPart(head))));
  });
}

function partnerPart(company: SapCompany, cardCode: string): BatchPart {
  return { method: 'GET', target: one('BusinessPartners', text(cardCode), selectFor(company, PARTNER_FIELDS)) };
}

const AccountRow = z.object({
  CardCode: z.string().min(1),
  FatherCard: OptionalText,
  CreditLimit: OptionalNumber,
  CurrentAccountBalance: OptionalNumber,
  OpenOrdersBalance: OptionalNumber,
  OpenDeliveryNotesBalance: OptionalNumber,
});

function accountPart(cardCode: string): BatchPart {
  return { method: 'GET', target: one('BusinessPartners', text(cardCode), AccountRow.keyof().options) };
}

async function accountOf(
  company: SapCompany,
  cardCode: string,
  asked: PartOutcome | undefined,
): Promise<ErpCustomerView['headOffice']> {
  const outcome = asked ?? (await readEach(company, [accountPart(cardCode)], 1))[0];
  return { cardCode, credit: toCredit(readOne(answered(outcome), AccountRow)) };
}

function answered(outcome: PartOutcome | undefined) {
  if (outcome === undefined || outcome instanceof Error) throw outcome ?? new RangeError('a batch without its answers');
  return outcome;
}

function toView(company: SapCompany, row: PartnerRow, headOffice: ErpCustomerView['headOffice']): ErpCustomerView {
  const { memory, access } = company;
  const partner = toPartner(row, todayAt(company));
  const list = partner.priceList;
  return {
    partner,
    headOffice,
    groupName: nameIn(memory.get('groups'), partner.groupCode),
    priceListName: nameIn(memory.get('priceLists'), list),
    pricesHoldTax: list === null ? null : (memory.get('grossPriceLists')?.has(list) ?? null),
    paymentTermsName: nameIn(memory.get('paymentTerms'), partner.paymentTerms),
    localCurrency: access.localCurrency,
  };
}

function nameIn(names: ReadonlyMap<number, string> | undefined, code: number | null): string | null {
  return code === null ? null : (names?.get(code) ?? null);
}

function notFoundOr(error: unknown, cardCode: string): unknown {
  if (error instanceof RejectedError && error.code === '-2028') {
    return new NotFoundError(`SAP has no business partner ${cardCode} any more.`, { cause: error });
  }
  return error;
}
