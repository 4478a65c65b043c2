import type { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { FilledSlot } from '../app/ports/erp-access.ts';
import type { ErpProxy, Trust } from '../app/ports/installation-store.ts';
import { mayReach, type SapNetwork } from './special-ranges.ts';
import { CertificateNotPinnedError, certificateFault, fillSlot, fingerprintOf, verificationFor } from './trust.ts';

/** Gives every address of a name; injected so that a test can play a hostile name server. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveByDns: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** Connecting is refused by us, before a packet leaves. */
export class ForbiddenNetworkError extends Error {
  readonly code = 'SAP_NETWORK_REFUSED';
}

/** Name look-up, TCP and TLS together. */
export const CONNECT_LIMIT_MS = 5_000;

export interface ConnectorOptions {
  readonly network: SapNetwork;
  readonly resolve: Resolve;
  readonly trust: Trust;
  readonly clientCertificate: ErpProxy['clientCertificate'];
  /** Certificates of public authorities; undefined: the platform's. */
  readonly authorities: readonly string[] | undefined;
  readonly connectLimitMs?: number;
  /** Told of the certificate of a handshake that then failed because of it. */
  readonly onRefusedCertificate?: (fingerprint: string) => void;
  /** Told of a certificate that only its fingerprint was known of; the handshake is begun anew once it is kept. */
  readonly onFilledSlot?: OnFilledSlot;
}

export type OnFilledSlot = (slot: FilledSlot) => Promise<void>;

export interface OpenedTls {
  readonly socket: TLSSocket;
  /** What the server showed, once the handshake got so far. */
  shown(): X509Certificate | undefined;
}

/**
 * Opens a TLS socket to a checked address. Literals are judged here, since Node resolves no literal; names in the look-up,
 * whose answer is what the socket goes to, so nothing can change in between. One bad address among several refuses all.
 * No TLS session is ever offered again: a resumed session shows no certificate, so a pin could not be checked.
 * @throws {ForbiddenNetworkError} for a literal, before a socket is opened
 */
export function openTls(host: string, port: number, options: ConnectorOptions): OpenedTls {
  if (isIP(host) !== 0 && !mayReach(host, options.network)) throw refused();
  const { tls, judge } = verificationFor(options.trust, options.clientCertificate, options.authorities);
  let shown: X509Certificate | undefined;
  const socket = connect({
    ...tls,
    host,
    port,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    lookup: checkedLookup(options),
    // Node gives this hook an empty certificate once the real one was taken, so it judges what was taken.
    checkServerIdentity: (name) =>
      shown ? judge(name, shown) : new CertificateNotPinnedError('the server showed no certificate'),
  });
  socket.prependOnceListener('secure', () => {
    shown = socket.getPeerX509Certificate();
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return { socket, shown: () => shown };
}

/** undici's hook: every socket of an agent is opened through it. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  let { trust } = options;
  return ({ hostname, port }, callback) => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const attempt = () => openSocket(host, Number(port || 443), { ...options, trust }, fill);
    attempt().then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );

    async function fill(certificate: X509Certificate): Promise<TLSSocket | undefined> {
      const filled = fillSlot(trust, certificate);
      if (!filled || !options.onFilledSlot) return undefined;
      await options.onFilledSlot(filled.slot);
      trust = filled.trust;
      return attempt();
    }
  };
}

type Fill = (certificate: X509Certificate) => Promise<TLSSocket | undefined>;

async function openSocket(host: string, port: number, options: ConnectorOptions, fill: Fill): Promise<TLSSocket> {
  const opened = openTls(host, port, options);
  try {
    return await secured(opened.socket, options.connectLimitMs ?? CONNECT_LIMIT_MS);
  } catch (error) {
    const certificate = opened.shown();
    if (!certificate || !certificateFault(error)) throw error;
    const again = await fill(certificate);
    if (again) return again;
    options.onRefusedCertificate?.(fingerprintOf(certificate.raw));
    throw error;
  }
}

/** The socket once its certificate is accepted; destroyed otherwise. */
function secured(socket: TLSSocket, limitMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError()), limitMs);
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

class ConnectTimeoutError extends Error {
  readonly code = 'SAP_CONNECT_TIMEOUT';
}

function refused(): ForbiddenNetworkError {
  return new ForbiddenNetworkError('the address lies in a network that must not be reached');
}

function checkedLookup({ network, resolve }: ConnectorOptions): LookupFunction {
  return (host, { all }, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every((address) => mayReach(address, network))) {
          callback(refused(), '', 0);
        } else if (all) {
          callback(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          );
        } else {
          callback(null, first, isIP(first));
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}
