import type { ErpCapabilities, Feature } from '../../app/ports/erp-capabilities.ts';
import { AppError, ForbiddenError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import { isYes } from '../mappers/values.ts';

/** Codes for "no permission" (reference 9.3). */
const NO_RIGHT: ReadonlySet<string> = new Set(['-6006', '804', '-3000', '403']);
/** Codes for a query that names what is not there: 201 seen live, -1000 in the guide; -2028 is "no matching records". */
const NOT_THERE: ReadonlySet<string> = new Set(['201', '-1000', '404', '-2028', '806']);
const WORDS_NO_RIGHT = /no permission|not (?:have|authori[sz]ed)|permission denied|authori[sz]ation/i;
const WORDS_NOT_THERE = /unrecogni[sz]ed|not found|does not exist|is invalid|no matching records|not supported/i;

/**
 * What a question's failure says about the thing asked for. Null: nothing, because SAP as a whole does not answer, and the
 * other questions would fare no better.
 */
export function featureOf(error: unknown): Feature | null {
  if (error instanceof ForbiddenError) return 'forbidden';
  if (error instanceof NotFoundError) return 'no';
  if (error instanceof RejectedError) return featureOfRefusal(error);
  if (error instanceof AppError) return error.kind === 'unavailable' ? 'unknown' : null;
  throw error;
}

function featureOfRefusal({ code, words }: RejectedError): Feature {
  if (NO_RIGHT.has(code) || WORDS_NO_RIGHT.test(words)) return 'forbidden';
  if (NOT_THERE.has(code) || WORDS_NOT_THERE.test(words)) return 'no';
  return 'unknown';
}

/** A switch of the company as a feature; `unknown` where SAP does not name it. */
export function switchOf(value: string | null | undefined): Feature {
  if (value === null || value === undefined || value === '') return 'unknown';
  return isYes(value) ? 'yes' : 'no';
}

type DecimalSwitch =
  | 'TotalsAccuracy'
  | 'PriceAccuracy'
  | 'AccuracyofQuantities'
  | 'RateAccuracy'
  | 'PercentageAccuracy';

/** All five, or null: half of a company's decimals is of no use. */
export function decimalsOf(
  info: Readonly<Partial<Record<DecimalSwitch, number | null | undefined>>>,
): ErpCapabilities['decimals'] {
  const totals = digits(info.TotalsAccuracy);
  const prices = digits(info.PriceAccuracy);
  const quantities = digits(info.AccuracyofQuantities);
  const rates = digits(info.RateAccuracy);
  const percentages = digits(info.PercentageAccuracy);
  if (totals === null || prices === null || quantities === null || rates === null || percentages === null) return null;
  return { totals, prices, quantities, rates, percentages };
}

/** SAP keeps none to six. */
function digits(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 6 ? value : null;
}
