import { z } from 'zod';
import type {
  ErpAddress,
  ErpContactDetails,
  ErpPartnerDetails,
  ErpPartnerPricing,
} from '../../app/ports/erp-master-data.ts';
import type { DiscountRelation } from '../../domain/price-facts.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { partnerCurrency, partnerType } from './partner.ts';
import { isOnUnlessSaid, type ShapeOf } from './reference-rows.ts';
import { amount, filled, isActiveOn, isYes, Key, OptionalNumber, OptionalText, Validity, YesNo } from './values.ts';

const Address = z.object({
  AddressName: OptionalText,
  AddressType: OptionalText,
  Street: OptionalText,
  StreetNo: OptionalText,
  ZipCode: OptionalText,
  City: OptionalText,
  State: OptionalText,
  Country: OptionalText,
  FederalTaxID: OptionalText,
  TaxCode: OptionalText,
} satisfies ShapeOf<'BPAddress'>);

const Contact = z.object({
  InternalCode: Key,
  Name: OptionalText,
  FirstName: OptionalText,
  LastName: OptionalText,
  Position: OptionalText,
  E_Mail: OptionalText,
  Phone1: OptionalText,
  MobilePhone: OptionalText,
  Active: YesNo,
} satisfies ShapeOf<'ContactEmployee'>);

const Branch = z.object({ BPLID: OptionalNumber, DisabledForBP: YesNo } satisfies ShapeOf<'BPBranchAssignmentItem'>);

/** What decides a partner's prices. */
export const PricingRow = z.object({
  CardCode: z.string().min(1),
  GroupCode: OptionalNumber,
  PriceListNum: OptionalNumber,
  Currency: OptionalText,
  DiscountPercent: OptionalNumber,
  EffectivePrice: OptionalText,
  EffectivePriceConsidersPriceBeforeDiscount: YesNo,
  EffectiveDiscount: OptionalText,
  NoDiscounts: YesNo,
  DefaultBlanketAgreementNumber: OptionalNumber,
} satisfies ShapeOf<'BusinessPartner'>);

export const PartnerDetailsRow = z.object({
  ...Validity.shape,
  ...PricingRow.shape,
  CardName: OptionalText,
  CardForeignName: OptionalText,
  CardType: OptionalText,
  EmailAddress: OptionalText,
  Phone1: OptionalText,
  Website: OptionalText,
  SalesPersonCode: OptionalNumber,
  PayTermsGrpCode: OptionalNumber,
  VatGroup: OptionalText,
  BilltoDefault: OptionalText,
  ShipToDefault: OptionalText,
  ContactPerson: OptionalText,
  FatherCard: OptionalText,
  PaymentBlock: YesNo,
  DunningLevel: OptionalNumber,
  BPAddresses: z.array(Address).nullish(),
  ContactEmployees: z.array(Contact).nullish(),
  BPBranchAssignment: z.array(Branch).nullish(),
} satisfies ShapeOf<'BusinessPartner'>);
type Row = z.infer<typeof PartnerDetailsRow>;

export function toPartnerDetails(row: Row, today: LocalDate): ErpPartnerDetails {
  return {
    cardCode: row.CardCode,
    name: filled(row.CardName) ?? row.CardCode,
    foreignName: filled(row.CardForeignName),
    type: partnerType(row.CardType),
    active: isActiveOn(row, today),
    groupCode: row.GroupCode ?? null,
    email: filled(row.EmailAddress),
    phone: filled(row.Phone1),
    website: filled(row.Website),
    salesPerson: row.SalesPersonCode === -1 ? null : (row.SalesPersonCode ?? null),
    paymentTerms: row.PayTermsGrpCode ?? null,
    taxGroup: filled(row.VatGroup),
    addresses: (row.BPAddresses ?? []).map((address) => toAddress(address, row)),
    contacts: (row.ContactEmployees ?? []).map((contact) => toContact(contact, row.ContactPerson)),
    headOffice: filled(row.FatherCard),
    branches: (row.BPBranchAssignment ?? []).flatMap(({ BPLID, DisabledForBP }) =>
      BPLID === null || BPLID === undefined || isYes(DisabledForBP) ? [] : [BPLID],
    ),
    paymentBlocked: isYes(row.PaymentBlock),
    dunningLevel: row.DunningLevel ?? 0,
    pricing: toPricing(row),
  };
}

export function toPricing(row: z.infer<typeof PricingRow>): ErpPartnerPricing {
  return {
    priceList: row.PriceListNum ?? null,
    currency: partnerCurrency(row.Currency),
    documentDiscountPercent: amount(row.DiscountPercent),
    preference: preferenceOf(row.EffectivePrice),
    judgedBeforeDiscount: isYes(row.EffectivePriceConsidersPriceBeforeDiscount),
    discountRelation: relationOf(row.EffectiveDiscount),
    noDiscountGroups: isYes(row.NoDiscounts),
    defaultAgreement: row.DefaultBlanketAgreementNumber || null,
  };
}

function preferenceOf(value: string | null | undefined): ErpPartnerPricing['preference'] {
  if (value === 'epLowestPrice') return 'lowest';
  return value === 'epHighestPrice' ? 'highest' : 'default';
}

const RELATIONS: Readonly<Record<string, DiscountRelation>> = {
  dgrLowestDiscount: 'lowest',
  dgrHighestDiscount: 'highest',
  dgrAverageDiscount: 'average',
  dgrDiscountTotals: 'sum',
  dgrMultipliedDiscount: 'multiplied',
};

/** Members of `DiscountGroupRelationsEnum`; the lowest where SAP says nothing, as its first member. */
export function relationOf(value: string | null | undefined): DiscountRelation {
  return (value ? RELATIONS[value] : undefined) ?? 'lowest';
}

function toAddress(row: z.infer<typeof Address>, { BilltoDefault, ShipToDefault }: Row): ErpAddress {
  const kind = row.AddressType === 'bo_ShipTo' || row.AddressType === 'S' ? 'ship_to' : 'bill_to';
  const name = row.AddressName ?? '';
  return {
    name,
    kind,
    isDefault: name !== '' && name === (kind === 'ship_to' ? ShipToDefault : BilltoDefault),
    street: filled([row.Street, row.StreetNo].map((part) => filled(part) ?? '').join(' ')),
    postalCode: filled(row.ZipCode),
    city: filled(row.City),
    state: filled(row.State),
    country: filled(row.Country),
    vatNumber: filled(row.FederalTaxID),
    taxCode: filled(row.TaxCode),
  };
}

function toContact(row: z.infer<typeof Contact>, defaultName: string | null | undefined): ErpContactDetails {
  const name = filled(row.Name);
  return {
    code: String(row.InternalCode),
    name: name ?? String(row.InternalCode),
    isDefault: name !== null && name === filled(defaultName),
    firstName: filled(row.FirstName),
    lastName: filled(row.LastName),
    position: filled(row.Position),
    email: filled(row.E_Mail),
    phone: filled(row.Phone1),
    mobile: filled(row.MobilePhone),
    active: isOnUnlessSaid(row.Active),
  };
}
