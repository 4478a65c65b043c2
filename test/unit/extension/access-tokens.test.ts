import { describe, expect, it } from 'vitest';
import { createAccessTokens, expiryOf } from '../../../extension/shared/api/access-tokens.ts';

const NOW = 1_800_000_000_000;

function aToken(name: string, secondsLeft: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ name, userId: 1, exp: NOW / 1000 + secondsLeft })}.signature`;
}

function aSource(...answers: (string | Error)[]) {
  const source = {
    asked: 0,
    now: NOW,
    requestToken: async () => {
      const answer = answers[source.asked];
      source.asked += 1;
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked too often');
      return answer;
    },
  };
  return source;
}

const tokensOf = (source: ReturnType<typeof aSource>, launchToken: string | null) =>
  createAccessTokens({ launchToken, requestToken: source.requestToken, now: () => source.now });

describe('createAccessTokens', () => {
  it('uses the launch token for the first calls, without asking', async () => {
    const source = aSource();
    const launch = aToken('launch', 300);
    const tokens = tokensOf(source, launch);
    expect([await tokens.current(), await tokens.current()]).toEqual([launch, launch]);
    expect(source.asked).toBe(0);
  });

  it('asks shortly before the token ends, once for calls side by side', async () => {
    const fresh = aToken('fresh', 600);
    const source = aSource(fresh);
    const tokens = tokensOf(source, aToken('launch', 300));
    source.now = NOW + 285_000;
    expect(await Promise.all([tokens.current(), tokens.current(), tokens.current()])).toEqual([fresh, fresh, fresh]);
    expect(source.asked).toBe(1);
  });

  it('uses a fresh token that is near its end already, and asks again for the next call', async () => {
    const [near, next] = [aToken('near', 5), aToken('next', 300)];
    const source = aSource(near, next);
    const tokens = tokensOf(source, null);
    expect([await tokens.current(), await tokens.current()]).toEqual([near, next]);
  });

  it('replaces a refused token once, however many calls were refused', async () => {
    const [launch, fresh] = [aToken('launch', 300), aToken('fresh', 300)];
    const source = aSource(fresh);
    const tokens = tokensOf(source, launch);
    expect(await Promise.all([tokens.replace(launch), tokens.replace(launch)])).toEqual([fresh, fresh]);
    expect(await tokens.replace(launch)).toBe(fresh);
    expect(source.asked).toBe(1);
  });

  it('asks again after a failure', async () => {
    const fresh = aToken('fresh', 300);
    const tokens = tokensOf(aSource(new Error('silent'), fresh), null);
    await expect(tokens.current()).rejects.toThrow('silent');
    expect(await tokens.current()).toBe(fresh);
  });
});

describe('expiryOf', () => {
  it.each(['', 'a.b.c', 'a', `x.${Buffer.from('{"exp":"soon"}').toString('base64url')}.y`, `x.${btoa('null')}.y`])(
    'is 0 for %j',
    (token) => {
      expect(expiryOf(token)).toBe(0);
    },
  );
});
