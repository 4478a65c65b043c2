import type { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { mayReach, type SapNetwork } from './special-ranges.ts';
import { CertificateNotPinnedError, certificateFault, fingerprintOf, type Verification } from './trust.ts';

/** Gives every address of a name; injected so that a test can play a hostile name server. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveByDns: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** Connecting is refused by us, before a packet leaves. */
export class ForbiddenNetworkError extends Error {
  readonly code = 'SAP_NETWORK_REFUSED';
}

export const CONNECT_LIMIT_MS = 5_000;

export interface ConnectorOptions {
  readonly network: SapNetwork;
  readonly resolve: Resolve;
  readonly verification: Verification;
  /** Told of the certificate of a handshake that then failed because of it. */
  readonly onRefusedCertificate?: (fingerprint: string) => void;
}

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
  const { tls, judge } = options.verification;
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
  return ({ hostname, port }, callback) => {
    try {
      const opened = openTls(hostname.replace(/^\[(.*)\]$/, '$1'), Number(port || 443), options);
      handOver(opened, options, callback);
    } catch (error) {
      callback(error instanceof Error ? error : new Error('the socket could not be opened'), null);
    }
  };
}

function handOver({ socket, shown }: OpenedTls, options: ConnectorOptions, callback: buildConnector.Callback): void {
  const timer = setTimeout(() => socket.destroy(new ConnectTimeoutError()), CONNECT_LIMIT_MS);
  const onError = (error: Error) => {
    clearTimeout(timer);
    const certificate = shown();
    if (certificate && certificateFault(error)) options.onRefusedCertificate?.(fingerprintOf(certificate.raw));
    callback(error, null);
  };
  socket.once('error', onError);
  socket.once('secureConnect', () => {
    clearTimeout(timer);
    socket.off('error', onError);
    callback(null, socket);
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
