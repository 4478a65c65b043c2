import { describe, expect, it } from 'vitest';
import { lookFirst, sentInTime } from '../../../server/app/inbound-sync/look-first.ts';
import {
  ForbiddenError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';

const refused = new RejectedError({ system: 'pipedrive', code: 'unreadable_answer', words: '', message: 'x' });

const SINCE = new Date('2026-03-02T09:00:00Z');
const LONG_AFTER = { since: SINCE, now: new Date('2026-03-02T09:05:00Z') };

describe('a record whose creation was never answered', () => {
  it('is found where the look-up works', async () => {
    await expect(lookFirst(async () => 7, LONG_AFTER)).resolves.toBe(7);
  });

  it.each([refused, new ForbiddenError('x'), new NotFoundError('x')])(
    'is neither made nor given up while the look-up is refused (%s)',
    async (failure) => {
      await expect(lookFirst(async () => Promise.reject(failure), LONG_AFTER)).rejects.toBeInstanceOf(UnavailableError);
    },
  );

  it.each([new RateLimitedError('x', new Date(0)), new OutcomeUnknownError('x'), new TypeError('a defect')])(
    'passes on what passes by itself, and defects (%s)',
    async (failure) => {
      await expect(lookFirst(async () => Promise.reject(failure), LONG_AFTER)).rejects.toBe(failure);
    },
  );

  it('is not looked for while Pipedrive may still be at work on it: it would be made twice', async () => {
    const looks: string[] = [];
    const look = async () => void looks.push('looked');
    const now = new Date('2026-03-02T09:00:02Z');
    await expect(lookFirst(look, { since: SINCE, now })).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAt: new Date('2026-03-02T09:01:30Z'),
    });
    expect(looks).toEqual([]);
  });

  it('is sent by then at the latest, with an answer due before anybody looks', () => {
    const caller = { installationId: 'i', as: 'service', purpose: 'delta', signal: AbortSignal.timeout(1) };
    expect(Reflect.apply(sentInTime, undefined, [caller, SINCE])).toEqual({
      ...caller,
      sendBefore: new Date('2026-03-02T09:00:50Z'),
    });
  });
});
