import { contentHash, type Json } from '../kernel/canonical-json.ts';
import { toJsonNumber } from '../kernel/money.ts';
import type { CrmOrganization, CrmProduct, OrganizationValues, ProductValues } from './ports/crm.ts';
import type { CrmView } from './ports/crm-changes.ts';
import type { CrmFieldCodes, CrmFieldPurpose } from './ports/crm-field-store.ts';

/** A mark of each value of a record, by its name. */
export type Marks = Readonly<Record<string, string>>;

/** Stands for a value that is ours, but of which it is not known how Pipedrive shows it. */
const UNSEEN = '?';
/** So often a difference that comes back after it was written again is answered; then it is Pipedrive's own way of writing. */
const MOST_REPEATS = 2;

/** Fields whose values are SAP's alone. The date of a status is written with the status only, so nobody restores it. */
const OF_SAP: readonly CrmFieldPurpose[] = [
  'organization.sap_code',
  'organization.segment',
  'organization.credit_limit',
  'organization.credit_status',
  'organization.vat_number',
];

/** The codes of the fields that have to be read to tell what an organization shows. */
export function organizationFieldsShown(fields: CrmFieldCodes): readonly string[] {
  return OF_SAP.flatMap((purpose) => fields[purpose] ?? []);
}

export function organizationMarks({ name, address, customFields }: CrmOrganization): Marks {
  return { name: markOf(name), address: markOf(address), ...customMarks(customFields) };
}

export function productMarks({ name, code, unit, active, prices }: CrmProduct): Marks {
  return { name: markOf(name), code: markOf(code), unit: markOf(unit), active: markOf(active), ...priceMarks(prices) };
}

/**
 * What an organization shows after these values were written, untouched.
 * @param answer the organization as Pipedrive's answer showed it; null: it did not
 */
export function organizationWritten(
  { name, address, customFields = {} }: OrganizationValues,
  answer: CrmOrganization | null,
  { fields, ownFields }: { readonly fields: CrmFieldCodes; readonly ownFields: ReadonlySet<CrmFieldPurpose> },
): Marks {
  // A VAT number in a field that people fill too is theirs to change.
  const { 'organization.vat_number': _shared, ...others } = fields;
  const codes = new Set(organizationFieldsShown(ownFields.has('organization.vat_number') ? fields : others));
  const ours = Object.fromEntries(Object.entries(customFields).filter(([code]) => codes.has(code)));
  const sent: Marks = {
    ...(name === undefined ? {} : { name: markOf(name) }),
    // Pipedrive looks addresses up and may write them in another way.
    ...(address === undefined ? {} : { address: UNSEEN }),
    ...customMarks(ours),
  };
  return answer ? seenOf(sent, organizationMarks(answer)) : sent;
}

export function productWritten({ name, code, unit, active, prices }: ProductValues): Marks {
  return {
    name: markOf(name),
    code: markOf(code),
    ...(unit ? { unit: markOf(unit) } : {}),
    active: markOf(active),
    ...priceMarks(prices),
  };
}

/** A record after it was written; how often a difference came back is counted on. */
export function viewAfterWrite(before: CrmView | undefined, pipedriveId: number, shown: Marks): CrmView {
  const { answered = null, answeredAt = null, repeats = 0 } = before ?? {};
  return { pipedriveId, shown, answered, answeredAt, repeats };
}

/**
 * What a reading of a linked record comes to. `untouched`: it shows what we wrote. `edited`: it is to be written again,
 * once for this difference. `answered`: it is queued already.
 */
export type Sighting = { readonly is: 'untouched' | 'edited' | 'answered'; readonly view: CrmView };

/** @param isWritten false while it is queued to be written anyway */
export function compareWithView(
  before: CrmView | undefined,
  pipedriveId: number,
  marks: Marks,
  { isWritten, now }: { readonly isWritten: boolean; readonly now: Date },
): Sighting {
  const view = before ?? viewAfterWrite(undefined, pipedriveId, {});
  const changed = Object.keys(view.shown).filter((name) => differs(name, view.shown[name], marks[name]));
  const shown = seenOf(view.shown, marks, UNSEEN);
  if (changed.length === 0) {
    return { is: 'untouched', view: { ...view, shown, answered: null, answeredAt: null, repeats: 0 } };
  }
  const answered = contentHash(Object.fromEntries(changed.map((name) => [name, marks[name] ?? ''])));
  const same = view.answered === answered;
  if (same && !isWritten) return { is: 'answered', view: { ...view, shown } };
  const repeats = same ? view.repeats + 1 : 0;
  if (repeats > MOST_REPEATS) {
    return {
      is: 'untouched',
      view: {
        ...view,
        shown: seenOf(shown, { ...absentPrices(shown), ...marks }),
        answered: null,
        answeredAt: null,
        repeats: 0,
      },
    };
  }
  return { is: 'edited', view: { ...view, shown, answered, answeredAt: now, repeats } };
}

/** A field that is absent was not asked for; of prices all are shown, so one that is absent was taken away. */
function differs(name: string, shown: string | undefined, mark: string | undefined): boolean {
  if (shown === UNSEEN) return false;
  return mark === undefined ? name.startsWith(PRICE) : mark !== shown;
}

/** The marks of before, taken anew from what was seen: all of them, or those that stand at `only`. */
function seenOf(marks: Marks, seen: Marks, only?: string): Marks {
  return Object.fromEntries(
    Object.entries(marks).map(([name, mark]) => [
      name,
      only === undefined || mark === only ? (seen[name] ?? mark) : mark,
    ]),
  );
}

function customMarks(customFields: Readonly<Record<string, unknown>>): Marks {
  return Object.fromEntries(Object.entries(customFields).map(([code, value]) => [code, markOf(value)]));
}

const PRICE = 'price ';

function absentPrices(shown: Marks): Marks {
  return Object.fromEntries(Object.keys(shown).flatMap((name) => (name.startsWith(PRICE) ? [[name, UNSEEN]] : [])));
}

function priceMarks(prices: ProductValues['prices']): Marks {
  return Object.fromEntries(prices.map(({ currency, price }) => [`${PRICE}${currency}`, markOf(toJsonNumber(price))]));
}

/** Empty is empty, however it is written; so is space around and within a text. */
function markOf(value: unknown): string {
  return contentHash(plain(value)).slice(0, 16);
}

function plain(value: unknown): Json {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.trim().replace(/\s+/g, ' ');
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return '';
  // An amount: what stands beside value and currency says nothing of its own.
  const { value: amount, currency } = Object.fromEntries(Object.entries(value));
  return amount === undefined ? contentOf(value) : [plain(amount), plain(currency)];
}

function contentOf(value: object): Json {
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
