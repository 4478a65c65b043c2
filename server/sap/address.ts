import { isIP } from 'node:net';
import { InvalidInputError, type Problem } from '../kernel/errors.ts';
import { mayReach, type SapNetwork } from './special-ranges.ts';

/** A checked address taken apart. */
export interface SapAddress {
  /** `https://host:port`. */
  readonly origin: string;
  /** Name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path of a proxy before the Service Layer, e.g. `/sap`; empty without one. */
  readonly prefix: string;
  /** Which dialect to try first: what the address ends with. */
  readonly path: '/b1s/v2' | '/b1s/v1';
}

const DEFAULT_PORT = 50000;
const LOWEST_OPEN_PORT = 1024;
/**
 * Ports on which databases and caches listen by default: nobody runs a Service Layer there, and a form that dials out must
 * be of no use to somebody who looks for them.
 */
const DATABASE_PORTS: ReadonlySet<number> = new Set([
  1433, 1434, 1521, 1522, 1526, 1830, 2379, 2380, 2483, 2484, 3050, 3306, 3307, 4333, 5432, 5433, 5984, 6379, 6380,
  6432, 7000, 7001, 7199, 7473, 7474, 7687, 8086, 8529, 9042, 9160, 9200, 9300, 11211, 11214, 26257, 27017, 27018,
  27019, 28015, 28017, 33060,
]);
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** What a proxy may have before `/b1s`. No percent sign: nothing is left to decode, by anybody. */
const PREFIX = /^(\/[A-Za-z0-9._~-]+)*$/;
const LONGEST_PREFIX = 200;
/** Names that the world's name servers do not serve (RFC 6761, 6762, 8375, 9476 and the `.internal` reservation of ICANN). */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa|alt|test|invalid|onion)$/;
const TYPED = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#\\]*)([^?#\\]*)(.*)$/is;

/** Which servers may be dialled. */
export interface Reach {
  readonly network: SapNetwork;
  /** Ports that this installation's operator opens beside the usual ones. */
  readonly extraPorts?: readonly number[];
}

/**
 * Reads what a person typed: a host with or without port, scheme, a proxy's path and `/b1s/v2`. Nothing but form, port and
 * literal addresses is judged here; names are resolved by the caller.
 * @throws {InvalidInputError} one sentence that says what is wrong
 */
export function parseAddress(typed: string, reach: Reach): SapAddress {
  const text = typed.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused here
  if (/[\u0000-\u0020\u007f]/.test(text)) throw wrong('address_form', 'The address contains a blank or a line break.');
  const [, scheme, authority = '', path = '', rest = ''] = TYPED.exec(text) ?? [];
  if (authority === '')
    throw wrong('address_form', 'Enter the address of the Service Layer, e.g. sap.example.com:50000.');
  if (scheme !== undefined && scheme.toLowerCase() !== 'https') {
    throw wrong(
      'address_scheme',
      'The address must start with https://. SAP sends passwords, so http is not accepted.',
    );
  }
  if (authority.includes('@')) {
    throw wrong('address_user', 'Enter the address without user and password; they have fields of their own.');
  }
  if (rest !== '') {
    throw wrong('address_path', 'Enter the address without anything after the path, such as ? or #.');
  }
  const { host, port } = readAuthority(authority, reach);
  return { origin: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, host, port, ...readPath(path) };
}

/** The form in which addresses are stored. */
export function normalForm(address: SapAddress): string {
  return `${address.origin}${address.prefix}${address.path}`;
}

/** @throws {InvalidInputError} when one of the addresses may not be reached. One bad one is enough. */
export function assertReachable(addresses: readonly string[], network: SapNetwork): void {
  if (addresses.length > 0 && addresses.every((address) => mayReach(address, network))) return;
  const hint = network === 'public' ? ' Ask your network administrator for the public address of the server.' : '';
  throw wrong('address_network', `This address lies in a network that this app may not reach.${hint}`);
}

function readAuthority(authority: string, reach: Reach): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
  if (!match) throw wrong('address_host', 'The name of the server is not readable.');
  const [, typedHost = '', typedPort] = match;
  const host = readHost(typedHost, reach.network);
  return { host, port: readPort(typedPort, reach) };
}

function readHost(typed: string, network: SapNetwork): string {
  const host = typed
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (isIP(host) !== 0) {
    assertReachable([host], network);
    return host;
  }
  if (!HOST_NAME.test(host) || looksLikeNumber(host)) {
    throw wrong('address_host', 'The name of the server is not readable. Use letters, digits, dots and hyphens only.');
  }
  if (/(^|\.)localhost$/.test(host)) assertReachable(['127.0.0.1'], network);
  if (network === 'public' && LOCAL_NAME.test(host)) assertReachable([], network);
  return host;
}

/** `2130706433`, `0x7f.1`, `127.1`: old spellings of an IPv4 address, which some resolvers still follow. */
function looksLikeNumber(host: string): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1);
  return /^\d+$/.test(last) || /^0x[0-9a-f]*$/.test(last);
}

function readPort(typed: string | undefined, { network, extraPorts = [] }: Reach): number {
  if (typed === undefined) return DEFAULT_PORT;
  const port = /^[1-9]\d{0,4}$/.test(typed) ? Number(typed) : 0;
  const open = port === 443 || port >= LOWEST_OPEN_PORT || extraPorts.includes(port) || network === 'loopback';
  const taken = isDatabasePort(port) && !extraPorts.includes(port) && network !== 'loopback';
  if (port > 0 && port <= 65_535 && open && !taken) return port;
  throw wrong(
    'address_port',
    `Port ${typed.slice(0, 10)} is not accepted. A Service Layer usually has 50000, behind a proxy 443.`,
  );
}

/** SAP HANA's SQL ports: 3, its two-digit instance number, then one of these; 41 is the first tenant's. */
const HANA_PORT_ENDS: ReadonlySet<number> = new Set([13, 15, 17, 41]);

function isDatabasePort(port: number): boolean {
  return DATABASE_PORTS.has(port) || (port >= 30_000 && port <= 39_999 && HANA_PORT_ENDS.has(port % 100));
}

function readPath(typed: string): Pick<SapAddress, 'prefix' | 'path'> {
  const bare = typed.replace(/\/+$/, '');
  if (bare === '' || bare.toLowerCase() === '/b1s') return { prefix: '', path: '/b1s/v2' };
  const [, prefix, version] = /^(.*)\/b1s\/(v[12])$/is.exec(bare) ?? [];
  const dotted = prefix?.split('/').some((segment) => /^\.+$/.test(segment)) ?? true;
  if (prefix === undefined || dotted || !PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX) {
    throw wrong('address_path', 'The path must end with /b1s/v2 or /b1s/v1, or be left out.');
  }
  return { prefix, path: version?.toLowerCase() === 'v1' ? '/b1s/v1' : '/b1s/v2' };
}

function wrong(code: string, message: string): InvalidInputError {
  const problem: Problem = { code, message, at: 'address' };
  return new InvalidInputError([problem]);
}
