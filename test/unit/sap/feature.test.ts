import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  NotFoundError,
  RateLimitedError,
  ReauthRequiredError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { decimalsOf, featureOf, switchOf } from '../../../server/sap/probe/feature.ts';

const refused = (code: string, words: string) => new RejectedError({ system: 'sap', code, words, message: words });

describe('what a refusal says about the thing asked for', () => {
  it.each([
    [refused('-6006', 'No permission'), 'forbidden'],
    [refused('804', ''), 'forbidden'],
    [refused('-1', 'You are not authorized to perform this action'), 'forbidden'],
    [new ForbiddenError('no'), 'forbidden'],
    [refused('-1000', 'Unrecognized resource path.'), 'no'],
    [refused('201', "Property 'EnableWebhook' of 'AdminInfo' is invalid"), 'no'],
    [new NotFoundError('no'), 'no'],
    [refused('-5002', 'Internal error'), 'unknown'],
    [new UnavailableError('later'), 'unknown'],
  ] as const)('%s: %s', (error, feature) => {
    expect(featureOf(error)).toBe(feature);
  });

  it('says nothing where SAP as a whole does not let us in', () => {
    expect(featureOf(new ReauthRequiredError('sap', 'password'))).toBeNull();
    expect(featureOf(new RateLimitedError('wait', new Date(0)))).toBeNull();
  });

  it('lets a defect through', () => {
    expect(() => featureOf(new TypeError('ours'))).toThrow(TypeError);
  });
});

describe('the company’s switches', () => {
  it.each([
    ['tYES', 'yes'],
    ['tNO', 'no'],
    [null, 'unknown'],
    [undefined, 'unknown'],
    ['', 'unknown'],
  ] as const)('%s is %s', (value, feature) => {
    expect(switchOf(value)).toBe(feature);
  });

  it('gives all decimals or none', () => {
    const info = {
      TotalsAccuracy: 2,
      PriceAccuracy: 4,
      AccuracyofQuantities: 3,
      RateAccuracy: 6,
      PercentageAccuracy: 2,
    };
    expect(decimalsOf(info)).toEqual({ totals: 2, prices: 4, quantities: 3, rates: 6, percentages: 2 });
    expect(decimalsOf({ ...info, RateAccuracy: null })).toBeNull();
    expect(decimalsOf({ ...info, TotalsAccuracy: 9 })).toBeNull();
    expect(decimalsOf({ ...info, PriceAccuracy: 1.5 })).toBeNull();
  });
});
