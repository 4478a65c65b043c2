import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../../extension/shared/api/api-error.ts';
import { isErrorBody } from '../../../extension/shared/api/common-answers.ts';
import { describeFailure } from '../../../extension/shared/api/failure.ts';
import { HostError, withinTime } from '../../../extension/shared/sdk/host-error.ts';

const error = (kind: string, status = 500) =>
  new ApiError({ kind, status, message: 'The server’s sentence.', requestId: 'r1' });

describe('describeFailure', () => {
  it.each([
    ['forbidden', 'none'],
    ['not_found', 'settings'],
    ['reauth_required', 'settings'],
    ['rate_limited', 'retry'],
    ['unavailable', 'retry'],
    ['outcome_unknown', 'retry'],
    ['conflict', 'retry'],
    ['rejected', 'retry'],
    ['invalid_input', 'none'],
  ])('shows the server’s sentence for %s, with what to do: %s', (kind, remedy) => {
    expect(describeFailure(error(kind))).toMatchObject({
      sentence: 'The server’s sentence.',
      remedy,
      requestId: null,
    });
  });

  it('sends whoever Pipedrive no longer accepts to the install link, not to an admin', () => {
    const refused = new ApiError({ kind: 'reauth_required', status: 409, message: 'No.', reason: 'install_again' });
    const failure = describeFailure(refused);
    expect(failure).toMatchObject({ title: 'Install the app again', remedy: 'install', requestId: null });
    expect(failure.sentence).not.toMatch(/admin/);
  });

  it('says under a title of its own that the Pipedrive account is not open, where no short pause helps', () => {
    const closed = new ApiError({ kind: 'rate_limited', status: 429, message: 'Not open.', reason: 'account_closed' });
    expect(describeFailure(closed)).toMatchObject({
      title: 'Your Pipedrive account is not open',
      sentence: 'Not open.',
    });
    expect(describeFailure(error('rate_limited')).title).toBe('A short pause is needed');
    const body = {
      kind: 'rate_limited',
      message: 'Not open.',
      problems: [],
      requestId: 'r1',
      reason: 'account_closed',
    };
    expect(isErrorBody(body) && ApiError.from(body, 429).reason).toBe('account_closed');
    expect(isErrorBody({ ...body, reason: 'else' })).toBe(false);
  });

  it('shows the number for support only where we cannot say what is wrong', () => {
    expect(describeFailure(error('defect'))).toMatchObject({ remedy: 'retry', requestId: 'r1' });
    expect(describeFailure(error('defect')).sentence).not.toContain('server’s');
  });

  it('shows nobody the text of a defect of our own', () => {
    expect(describeFailure(new TypeError('x is undefined')).sentence).not.toContain('undefined');
  });

  it('offers to reload when Pipedrive is silent or its token is refused', () => {
    expect(describeFailure(new HostError('silent')).remedy).toBe('reload');
    expect(describeFailure(error('forbidden', 401)).remedy).toBe('reload');
  });
});

describe('withinTime (SE-27)', () => {
  it('gives up on a host that never answers', async () => {
    vi.useFakeTimers();
    try {
      const late = expect(withinTime(5_000, () => new Promise(() => undefined))).rejects.toThrow(HostError);
      await vi.advanceTimersByTimeAsync(5_000);
      await late;
    } finally {
      vi.useRealTimers();
    }
  });

  it('turns a command that throws at once into a HostError', async () => {
    const thrown = withinTime(5_000, () => {
      throw new Error('SDK is not initialized');
    });
    await expect(thrown).rejects.toThrow(HostError);
  });

  it('gives what the command gives', async () => {
    expect(await withinTime(5_000, async () => 'answer')).toBe('answer');
  });
});
