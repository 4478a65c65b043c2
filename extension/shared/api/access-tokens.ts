/** A token is not used in its last seconds: the call, and clocks that differ, need them. */
const MARGIN_MS = 20_000;

export interface AccessTokens {
  /** A token that should still be good. @throws HostError when Pipedrive gives none. */
  current(): Promise<string>;
  /** After a 401: a token other than the refused one, asked for once however many calls were refused. @throws HostError */
  replace(refused: string): Promise<string>;
}

interface Sources {
  /** From the page's address; saves the first call a round trip. */
  readonly launchToken: string | null;
  readonly requestToken: () => Promise<string>;
  readonly now: () => number;
}

/** Keeps the bearer token in memory, and only there. */
export function createAccessTokens({ launchToken, requestToken, now }: Sources): AccessTokens {
  let held = launchToken;
  let asking: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    try {
      held = await requestToken();
      return held;
    } finally {
      asking = undefined;
    }
  }

  function ask(): Promise<string> {
    asking ??= fetchToken();
    return asking;
  }

  return {
    async current() {
      return held !== null && expiryOf(held) - MARGIN_MS > now() ? held : ask();
    },
    async replace(refused) {
      return held !== null && held !== refused ? held : ask();
    },
  };
}

/** When the token ends, in ms since 1970; 0 if it does not say. Read only to ask in time: the server is who verifies. */
export function expiryOf(token: string): number {
  try {
    const payload: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof payload === 'object' && payload !== null && 'exp' in payload && typeof payload.exp === 'number') {
      return payload.exp * 1000;
    }
    return 0;
  } catch {
    return 0;
  }
}
