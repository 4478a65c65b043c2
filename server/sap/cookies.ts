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

/** Those that this host may set: a `Domain` of somebody else's makes a cookie nobody's (RFC 6265 5.3, step 6). */
export function ownCookies(lines: readonly string[], host: string): readonly string[] {
  const ours = host.toLowerCase();
  return lines.filter((line) => {
    const domain = /;\s*domain\s*=\s*\.?([^;\s]+)/i.exec(line)?.[1]?.toLowerCase();
    return domain === undefined || ours === domain || ours.endsWith(`.${domain}`);
  });
}

export function cookieHeader({ session, route }: Cookies): string {
  return route === undefined ? `B1SESSION=${session}` : `B1SESSION=${session}; ROUTEID=${route}`;
}
