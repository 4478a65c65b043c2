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
  /** Which dialect to try first: what the address ends with. */
  readonly path: '/b1s/v2' | '/b1s/v1';
}

/** Where Service Layers and the usual proxies before them listen. Member nodes (50001 and up) are not for clients. */
const PORTS: readonly number[] = [443, 4443, 8443, 9443, 50000];
const LOWEST_LOCAL_PORT = 1024;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const TYPED = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#\\]*)([^?#\\]*)(.*)$/is;

/**
 * Reads what a person typed: a host with or without port, scheme and `/b1s/v2`. Nothing but form, port and literal
 * addresses is judged here; names are resolved by the caller.
 * @throws {InvalidInputError} one sentence that says what is wrong
 */
export function parseAddress(typed: string, network: SapNetwork): SapAddress {
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
  const { host, port } = readAuthority(authority, network);
  return { origin: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, host, port, path: readPath(path) };
}

/** The form in which addresses are stored. */
export function normalForm(address: SapAddress): string {
  return `${address.origin}${address.path}`;
}

/** @throws {InvalidInputError} when one of the addresses may not be reached. One bad one is enough. */
export function assertReachable(addresses: readonly string[], network: SapNetwork): void {
  if (addresses.length > 0 && addresses.every((address) => mayReach(address, network))) return;
  const hint = network === 'public' ? ' Ask your network administrator for the public address of the server.' : '';
  throw wrong('address_network', `This address lies in a network that this app may not reach.${hint}`);
}

function readAuthority(authority: string, network: SapNetwork): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
  if (!match) throw wrong('address_host', 'The name of the server is not readable.');
  const [, typedHost = '', typedPort] = match;
  const host = readHost(typedHost, network);
  return { host, port: readPort(typedPort, network) };
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
  if (network !== 'loopback' && (host === 'localhost' || host.endsWith('.localhost'))) {
    assertReachable(['127.0.0.1'], network);
  }
  return host;
}

/** `2130706433`, `0x7f.1`, `127.1`: old spellings of an IPv4 address, which some resolvers still follow. */
function looksLikeNumber(host: string): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1);
  return /^\d+$/.test(last) || /^0x[0-9a-f]*$/.test(last);
}

function readPort(typed: string | undefined, network: SapNetwork): number {
  if (typed === undefined) return 50000;
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  const allowed =
    network === 'loopback' ? port === 443 || (port >= LOWEST_LOCAL_PORT && port <= 65535) : PORTS.includes(port);
  if (allowed) return port;
  throw wrong('address_port', `Port ${typed.slice(0, 10)} is not accepted. Use one of ${PORTS.join(', ')}.`);
}

function readPath(typed: string): SapAddress['path'] {
  const path = typed.replace(/\/+$/, '').toLowerCase();
  if (path === '' || path === '/b1s' || path === '/b1s/v2') return '/b1s/v2';
  if (path === '/b1s/v1') return '/b1s/v1';
  throw wrong('address_path', 'The path must be /b1s/v2 or /b1s/v1, or left out.');
}

function wrong(code: string, message: string): InvalidInputError {
  const problem: Problem = { code, message, at: 'address' };
  return new InvalidInputError([problem]);
}
