/**
 * The two cookies of a Service Layer session, kept by hand: B1SESSION comes without a Path and with a stray semicolon,
 * which strict cookie jars drop. They are only ever sent to the server that set them.
 */
export interface Cookies {
  readonly session: string;
  /** Which node holds the session; may change with any answer. */
  readonly route: string | undefined;
}

const VALUE = /^[\x21-\x3a\x3c-\x7e]{1,512}$/;

/** The value of one cookie in `Set-Cookie` lines; the last one wins, unusable ones are passed over. */
export function readCookie(lines: readonly string[], name: string): string | undefined {
  return lines
    .flatMap((line) => {
      const pair = line.split(';', 1)[0] ?? '';
      const at = pair.indexOf('=');
      const value = pair.slice(at + 1).trim();
      return at > 0 && pair.slice(0, at).trim() === name && VALUE.test(value) ? [value] : [];
    })
    .at(-1);
}

export function cookieHeader({ session, route }: Cookies): string {
  return route === undefined ? `B1SESSION=${session}` : `B1SESSION=${session}; ROUTEID=${route}`;
}

/** A session id from the answer's body, for servers whose cookie did not come through. */
export function usableCookieValue(value: string | undefined): string | undefined {
  return value !== undefined && VALUE.test(value) ? value : undefined;
}
