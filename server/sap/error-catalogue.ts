import type { Fixer, Repeat } from '../kernel/errors.ts';

/** A refusal of SAP that an integration meets. */
export interface CatalogueEntry {
  /** Stable word. */
  readonly name: string;
  /** SAP's own code, or the application code that its text names, e.g. `10001071`. None: the words decide alone. */
  readonly codes: readonly string[];
  /** What the text must say as well. */
  readonly words?: RegExp;
  /** One plain sentence for people. */
  readonly sentence: string;
  readonly who: Fixer;
  readonly repeat: Repeat;
  /** SAP's own text says more than any sentence of ours: it is shown in its place. */
  readonly wordsSayMore?: true;
}

const entry = (
  name: string,
  codes: string,
  who: Fixer,
  repeat: Repeat,
  sentence: string,
  more: Pick<CatalogueEntry, 'words' | 'wordsSayMore'> = {},
): CatalogueEntry => ({ name, codes: codes.split(' ').filter(Boolean), who, repeat, sentence, ...more });

/**
 * Codes and texts of the Service Layer, of DI API behind it and of the business layer below both, the special ones first:
 * the first entry that fits counts. Source: sections 5, 8 and 9 of the Service Layer reference (SAP's guide, SDK, field
 * reports); what a text looks like where no code is documented was seen on single systems only.
 */
export const ERROR_CATALOGUE: readonly CatalogueEntry[] = [
  // What stands in a document
  entry('partner_inactive', '10001071', 'back_office', 'after_fix', 'The customer is deactivated in SAP.'),
  entry('negative_stock', '10001069', 'back_office', 'after_fix', 'SAP has not enough stock for a line.', {
    words: /negative/i,
  }),
  entry('item_inactive', '10001069', 'back_office', 'after_fix', 'An item is deactivated in SAP.'),
  entry('tax_code', '10000180', 'back_office', 'after_fix', 'A tax code is missing or no longer valid in SAP.'),
  entry('closed_period', '10001090', 'back_office', 'after_fix', 'No posting period is open in SAP for this date.'),
  entry('discount_too_high', '10001058', 'rep', 'after_fix', 'A discount must be less than 100 percent.'),
  entry('credit_limit', '10000005', 'back_office', 'after_fix', 'The customer’s credit limit would be exceeded.'),
  entry(
    'commitment_limit',
    '10000006',
    'back_office',
    'after_fix',
    'The customer’s commitment limit would be exceeded.',
  ),
  entry(
    'missing_rate',
    '',
    'back_office',
    'after_fix',
    "SAP has no exchange rate for this currency and day. Enter today's rate in SAP.",
    { words: /exchange rate/i },
  ),
  entry(
    'partner_exists',
    '1320000140',
    'back_office',
    'look_first',
    'SAP has a business partner with this code already.',
  ),
  entry('webhook_folder', '10001237', 'sap_admin', 'after_fix', 'A folder that SAP is set up with does not exist.'),
  entry(
    'unknown_field',
    '',
    'sap_admin',
    'after_fix',
    'A field does not exist in this SAP company, or its Service Layer was not restarted since it was made.',
    { words: /property\b.*\bis invalid/i },
  ),
  entry('too_long', '-1001', 'us', 'never', 'A text is longer than its field in SAP.', { words: /too (long|small)/i }),
  entry('too_long', '-1004', 'us', 'never', 'A text is longer than its field in SAP.', { words: /too long/i }),

  // What became of a record
  entry(
    'not_found',
    '-2028',
    'us',
    'look_first',
    'SAP finds no such record. After an order was sent it may also mean that it waits for approval.',
  ),
  entry('already_exists', '-2035', 'us', 'look_first', 'SAP has such a record already.'),
  entry('changed_meanwhile', '-2039', 'us', 'look_first', 'Somebody else has changed the record in SAP meanwhile.'),
  entry(
    'not_allowed_now',
    '-5006',
    'back_office',
    'look_first',
    'SAP does not allow this for the record as it stands; it may be closed already.',
  ),

  // Rules
  entry('own_rule', '-1116', 'back_office', 'after_fix', 'A rule that your company added to SAP refused it.'),
  entry('bad_value', '-1004', 'us', 'never', 'A value does not fit its field in SAP.'),
  entry('bad_request', '-1000 201', 'us', 'never', 'SAP did not understand the request.'),
  entry('sql_refused', '701 702 703 704', 'us', 'never', 'SAP did not accept the query.'),

  // Rights, licences, sign-in
  entry('no_right', '-6006 804 -3000', 'sap_admin', 'after_fix', 'The SAP user of this connection lacks a right.'),
  entry(
    'licence',
    '-104 -118 -8007 -8009 -8010 100000085',
    'sap_admin',
    'after_fix',
    'SAP has no free licence for this user. Your SAP partner or administrator can assign one.',
  ),
  entry('password', '-304 -107 -8023 100000027', 'sap_admin', 'after_fix', 'SAP refuses user or password.'),
  entry('company', '-306 -5027', 'sap_admin', 'after_fix', 'SAP does not open a company by this name to this user.'),
  entry('session_ended', '301', 'us', 'look_first', 'The SAP session had ended.'),

  // The server itself
  entry('company_switch', '305 -1102', 'us', 'as_is', 'SAP was busy changing between companies; nothing was done.'),
  entry('parallel_sign_in', '299', 'us', 'as_is', 'SAP was busy with another sign-in; nothing was done.'),
  entry('timed_out', '-8021', 'us', 'look_first', 'SAP ran out of time.'),
  entry(
    'server_fault',
    '-103 -105 -111 -2000 -8004 -8008 -8011 -8012',
    'sap_admin',
    'look_first',
    'SAP has a fault of its own. Its administrator finds more in the log of the Service Layer.',
  ),

  // The general codes, last: their texts may name one of those above
  entry('own_rule', '-1', 'back_office', 'after_fix', 'A rule that your company added to SAP refused it.', {
    wordsSayMore: true,
  }),
  entry('business_rule', '-10 -5002 -5012 -1013', 'back_office', 'after_fix', 'One of SAP’s own rules refused it.', {
    wordsSayMore: true,
  }),
];

/** Undefined for a code that is not known. */
export function findEntry({
  code,
  words,
}: {
  readonly code: string;
  readonly words: string;
}): CatalogueEntry | undefined {
  const named = new Set([code, ...(words.match(/\b\d{8,10}\b/g) ?? [])]);
  return ERROR_CATALOGUE.find(
    (known) =>
      (known.codes.length === 0 || known.codes.some((own) => named.has(own))) && (known.words?.test(words) ?? true),
  );
}
