import { z } from 'zod';
import type { ErpContact, ErpPartner } from '../../app/ports/erp.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { FieldOfType } from '../odata.ts';
import {
  amount,
  filled,
  isActiveOn,
  isYes,
  Key,
  OptionalNumber,
  OptionalText,
  stamp,
  Validity,
  YesNo,
} from './values.ts';

const Address = z.object({
  AddressName: OptionalText,
  AddressType: OptionalText,
  Street: OptionalText,
  StreetNo: OptionalText,
  ZipCode: OptionalText,
  City: OptionalText,
  Country: OptionalText,
} satisfies Partial<Record<FieldOfType<'BPAddress'>, z.ZodType>>);

const Contact = z.object({
  InternalCode: Key,
  Name: OptionalText,
  FirstName: OptionalText,
  LastName: OptionalText,
  E_Mail: OptionalText,
  Phone1: OptionalText,
  MobilePhone: OptionalText,
  Active: YesNo,
} satisfies Partial<Record<FieldOfType<'ContactEmployee'>, z.ZodType>>);

const shape = {
  ...Validity.shape,
  CardCode: z.string().min(1),
  CardName: OptionalText,
  CardType: OptionalText,
  GroupCode: OptionalNumber,
  FederalTaxID: OptionalText,
  VatIDNum: OptionalText,
  CreditLimit: OptionalNumber,
  CurrentAccountBalance: OptionalNumber,
  OpenOrdersBalance: OptionalNumber,
  OpenDeliveryNotesBalance: OptionalNumber,
  FatherCard: OptionalText,
  Currency: OptionalText,
  PriceListNum: OptionalNumber,
  PayTermsGrpCode: OptionalNumber,
  Address: OptionalText,
  ZipCode: OptionalText,
  City: OptionalText,
  Country: OptionalText,
  BilltoDefault: OptionalText,
  BPAddresses: z.array(Address).nullish(),
  ContactEmployees: z.array(Contact).nullish(),
  UpdateDate: OptionalText,
  UpdateTime: OptionalText,
  CreateDate: OptionalText,
  CreateTime: OptionalText,
} satisfies Partial<Record<FieldOfType<'BusinessPartner'>, z.ZodType>>;

export const PartnerRow = z.object(shape);
export type PartnerRow = z.infer<typeof PartnerRow>;

export const PARTNER_FIELDS: readonly FieldOfType<'BusinessPartner'>[] = PartnerRow.keyof().options;

/** @param today in the company's own zone: what is deactivated for a while depends on it */
export function toPartner(row: PartnerRow, today: LocalDate): ErpPartner {
  return {
    cardCode: row.CardCode,
    name: filled(row.CardName) ?? row.CardCode,
    type: partnerType(row.CardType),
    active: isActiveOn(row, today),
    groupCode: row.GroupCode ?? null,
    vatNumber: filled(row.FederalTaxID) ?? filled(row.VatIDNum),
    address: addressOf(row),
    currency: partnerCurrency(row.Currency),
    priceList: row.PriceListNum ?? null,
    paymentTerms: row.PayTermsGrpCode ?? null,
    contacts: (row.ContactEmployees ?? []).map(toContact),
    credit: toCredit(row),
    // Some systems stamp a record only when it is changed; until then it counts from its creation.
    updated: stamp(row.UpdateDate, row.UpdateTime) ?? stamp(row.CreateDate, row.CreateTime),
  };
}

type CreditFields =
  | 'CreditLimit'
  | 'CurrentAccountBalance'
  | 'OpenOrdersBalance'
  | 'OpenDeliveryNotesBalance'
  | 'FatherCard';

export function toCredit(row: Pick<PartnerRow, CreditFields>): ErpPartner['credit'] {
  return {
    limit: amount(row.CreditLimit),
    balance: amount(row.CurrentAccountBalance),
    openOrders: amount(row.OpenOrdersBalance),
    openDeliveries: amount(row.OpenDeliveryNotesBalance),
    headOffice: filled(row.FatherCard),
  };
}

export function partnerType(value: string | null | undefined): ErpPartner['type'] {
  switch (value) {
    case 'cSupplier':
    case 'S':
      return 'supplier';
    case 'cLid':
    case 'L':
      return 'lead';
    default:
      return 'customer';
  }
}

/** `##` stands for "any currency". */
export function partnerCurrency(value: string | null | undefined): string | null {
  return value === '##' ? null : filled(value);
}

/** The default bill-to address, else the first bill-to one, else what stands on the partner itself. */
function addressOf(row: PartnerRow): ErpPartner['address'] {
  const billTo = (row.BPAddresses ?? []).filter(
    ({ AddressType }) => AddressType === 'bo_BillTo' || AddressType === 'B',
  );
  const chosen = billTo.find(({ AddressName }) => AddressName === row.BilltoDefault) ?? billTo[0];
  if (!chosen) {
    return {
      street: filled(row.Address),
      postalCode: filled(row.ZipCode),
      city: filled(row.City),
      country: filled(row.Country),
    };
  }
  return {
    street: filled([chosen.Street, chosen.StreetNo].map((part) => filled(part) ?? '').join(' ')),
    postalCode: filled(chosen.ZipCode),
    city: filled(chosen.City),
    country: filled(chosen.Country),
  };
}

function toContact(row: z.infer<typeof Contact>): ErpContact {
  const fullName = [row.FirstName, row.LastName].flatMap((part) => filled(part) ?? []).join(' ');
  return {
    code: String(row.InternalCode),
    name: filled(fullName) ?? filled(row.Name) ?? String(row.InternalCode),
    email: filled(row.E_Mail),
    phone: filled(row.Phone1) ?? filled(row.MobilePhone),
    active: row.Active === undefined || row.Active === null || isYes(row.Active),
  };
}
