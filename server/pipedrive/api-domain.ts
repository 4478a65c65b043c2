/** Which hosts may be given a token. */
export interface TrustedHosts {
  /** `pipedrive.com`, unless the operator says otherwise. */
  readonly domain: string;
  /** `host:port` that may be spoken to over plain HTTP; empty in production. */
  readonly localHosts: ReadonlySet<string>;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const LOCAL = /^http:\/\/([a-z0-9.-]+:\d{1,5})$/;

/**
 * True for `https://` and exactly one label under Pipedrive's domain, or for a local host that the operator listed.
 * The text itself is judged and used, never a parsed and rewritten form of it: no port, user-info, path, upper case or
 * trailing dot can hide in it.
 */
export function isTrustedApiDomain(text: string, trusted: TrustedHosts): boolean {
  const local = LOCAL.exec(text);
  if (local?.[1] !== undefined) return trusted.localHosts.has(local[1]);
  const suffix = trusted.domain.replaceAll('.', '\\.');
  return new RegExp(`^https://${LABEL}\\.${suffix}$`).test(text);
}

/**
 * The host of a company as a person types it: `acme`, `acme.pipedrive.com` or that with `https://` and a slash.
 * @returns undefined for everything that may not be given a token
 */
export function companyHost(typed: string, trusted: TrustedHosts): string | undefined {
  const text = typed.trim().toLowerCase().replace(/\/$/, '');
  const name = text.replace(/^https?:\/\//, '');
  const spelled = [text, `https://${name}`, `https://${name}.${trusted.domain}`, `http://${name}`];
  return spelled.find((address) => isTrustedApiDomain(address, trusted));
}
