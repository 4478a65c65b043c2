import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disposition, MAX_ATTEMPTS } from '../../../server/app/disposition.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  ReauthRequiredError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';

const half = () => 0.5;
const act = (error: unknown, attempt = 1) => disposition(error, attempt, half).act;

describe('disposition', () => {
  it.each([
    [new ForbiddenError('no'), 'surface'],
    [new NotFoundError('gone'), 'drop'],
    [new ConflictError('already'), 'drop'],
    [new ReauthRequiredError('sap', 'again'), 'drop'],
    [new ReauthRequiredError('pipedrive', 'again'), 'park'],
    [new InvalidInputError([{ code: 'x', message: 'x' }]), 'surface'],
    [new RejectedError({ system: 'sap', code: '1', words: 'no', message: 'no' }), 'surface'],
    [new UnavailableError('away'), 'retry'],
    [new OutcomeUnknownError('?'), 'retry'],
    [new TypeError('a defect'), 'retry'],
    ['thrown text', 'retry'],
  ])('%s', (error, expected) => {
    expect(act(error)).toBe(expected);
  });

  it('waiting is not failing: a limit is waited out, however often', () => {
    const at = new Date('2026-03-02T10:00:00Z');
    expect(disposition(new RateLimitedError('wait', at), 1_000, half)).toEqual({ act: 'run_at', at });
  });

  it('F31 gives up after the last attempt', () => {
    expect(act(new UnavailableError('away'), MAX_ATTEMPTS - 1)).toBe('retry');
    expect(act(new UnavailableError('away'), MAX_ATTEMPTS)).toBe('surface');
    expect(act(new Error('defect'), MAX_ATTEMPTS)).toBe('surface');
  });

  it('backs off with jitter, never at once and never for long', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const result = disposition(new UnavailableError('away'), attempt, () => random);
          if (result.act !== 'retry') throw new Error(result.act);
          expect(result.delayMs).toBeGreaterThanOrEqual(250);
          expect(result.delayMs).toBeLessThanOrEqual(Math.min(300_000, 2_000 * 2 ** (attempt - 1)));
        },
      ),
    );
  });
});
