import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { buildCompanyData } from '../data/build-company-data.ts';
import type { CompanyData } from '../data/company-data.ts';
import type { MovablePracticeClock, PracticeClock } from '../kernel/clock.ts';
import type { RequestLog } from '../kernel/request-log.ts';
import { createRequestLog } from '../kernel/request-log.ts';
import type { SapBackOffice } from './back-office.ts';
import { createBackOffice } from './back-office.ts';
import { makeCertificate } from './certificate.ts';
import { createCompany } from './company/company.ts';
import { localTime } from './company/local-time.ts';
import type { Company } from './company/model.ts';
import type { CompanySettings } from './company/settings.ts';
import type { SapFaults } from './faults.ts';
import { createFaults } from './faults.ts';
import { createHandler } from './http/handler.ts';
import { createLateCommits } from './http/late-commits.ts';
import type { ServerSettings } from './http/server-settings.ts';
import { DEFAULT_SERVER } from './http/server-settings.ts';
import type { PracticeUser, Sessions } from './sessions.ts';
import { createSessions } from './sessions.ts';
import { shakeHandsFor } from './webhooks/handshake.ts';
import type { SapMessenger } from './webhooks/messenger.ts';
import { createMessenger } from './webhooks/messenger.ts';
import type { WebhookCall } from './webhooks/post.ts';
import { callSubscriber } from './webhooks/post.ts';

export interface PracticeSapOptions {
  readonly clock: MovablePracticeClock;
  /** For the data of companies that bring none. */
  readonly seed?: number;
  /** 0 or nothing: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  readonly users?: readonly PracticeUser[];
  readonly companies?: readonly {
    readonly name: string;
    readonly data?: CompanyData;
    readonly settings?: Partial<CompanySettings>;
  }[];
  /** Idle minutes after which a session is gone. */
  readonly sessionTimeoutMinutes?: number;
  /** Wrong passwords in a row that lock a user. */
  readonly loginAttempts?: number;
  /** Sign-ins that overlap fail with code 299 on some systems; hold one with the fault `slow` on Login to see it. */
  readonly parallelSignIns?: 'allowed' | 'refused';
  /** Sessions at once that the licence server grants; no limit where it is left out. */
  readonly maxSessions?: number;
  readonly version?: 'v1' | 'v2' | 'both';
  readonly log?: RequestLog;
  /** Subscribers are on this machine. `resolve` turns an address as the client knows it into one of loopback. */
  readonly webhooks?: { readonly resolve?: (url: string) => string; readonly ca?: string };
}

export interface PracticeSap {
  /** `https://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  readonly port: number;
  readonly certificatePem: string;
  /** SHA-256 of the certificate, uppercase hex with colons. */
  readonly fingerprint256: string;
  /** May be turned at run time. */
  readonly server: ServerSettings;
  readonly log: RequestLog;
  readonly faults: SapFaults;
  readonly sessions: Sessions;
  readonly messenger: SapMessenger;
  addCompany(name: string, data?: CompanyData, settings?: Partial<CompanySettings>): SapBackOffice;
  removeCompany(name: string): void;
  /** @throws Error where there is no such company. */
  company(name: string): SapBackOffice;
  companyNames(): readonly string[];
  /** Puts the server's own clock ahead of (or behind) the practice clock: ping and stamps follow it. */
  skewClock(ms: number): void;
  /** As at night: all sessions are gone, and new user fields become visible. */
  restart(): void;
  close(): Promise<void>;
}

/** Starts a stand-in Service Layer over real TLS with a self-signed certificate of its own. */
export async function startPracticeSap(options: PracticeSapOptions): Promise<PracticeSap> {
  const { clock, seed = 1, version = 'both', sessionTimeoutMinutes = 30 } = options;
  const certificate = await makeCertificate();
  const log = options.log ?? createRequestLog();
  const faults = createFaults();
  const server: ServerSettings = {
    ...DEFAULT_SERVER,
    versions: version === 'both' ? ['v1', 'v2'] : [version],
  };
  const late = createLateCommits(clock);
  const companies = new Map<string, { company: Company; office: SapBackOffice }>();
  const sessions = createSessions({
    clock,
    users: options.users ?? [{ name: 'manager', password: 'manager' }],
    timeoutMinutes: sessionTimeoutMinutes,
    attempts: options.loginAttempts ?? 5,
    ...(options.maxSessions === undefined ? {} : { maxSessions: options.maxSessions }),
    hasCompany: (name) => companies.has(name),
  });

  let skewMs = 0;
  const serverClock: PracticeClock = { now: () => clock.now() + skewMs };
  const { resolve = (url: string) => url, ca } = options.webhooks ?? {};
  const callOut = (call: WebhookCall) => callSubscriber({ ...call, url: resolve(call.url) }, ca);
  const messenger = createMessenger({ clock, call: callOut, retries: 3, retryMs: 2_000, batchLimit: 1_024 });
  const ownData = new Map<string, CompanyData>();

  /** The default company is built once a day, not once for each that is added. */
  function defaultData(today: string): CompanyData {
    const known = ownData.get(today) ?? buildCompanyData({ seed, today, rich: true });
    ownData.set(today, known);
    return known;
  }

  function addCompany(name: string, data?: CompanyData, settings: Partial<CompanySettings> = {}): SapBackOffice {
    const today = localTime(serverClock.now(), settings.timeZone ?? 'Europe/Berlin').date;
    const company = createCompany(name, data ?? defaultData(today), settings, serverClock);
    const office = createBackOffice(company, late.runDue);
    messenger.watch(company);
    companies.set(name, { company, office });
    return office;
  }

  for (const { name, data, settings } of options.companies ?? []) addCompany(name, data, settings);
  const handle = createHandler({
    clock: serverClock,
    log,
    faults,
    sessions,
    late,
    server,
    timeoutMinutes: sessionTimeoutMinutes,
    parallelSignIns: options.parallelSignIns ?? 'allowed',
    version: '1000330',
    company: (name) => companies.get(name)?.company,
    beforeCall: (company, request) => shakeHandsFor(company, request, callOut),
  });
  const listener = createServer({ key: certificate.privateKeyPem, cert: certificate.certificatePem }, (req, res) => {
    handle(req, res).catch((error: unknown) => failLoudly(req, res, error));
  });
  // The platform's load balancer answers an expectation with 500 and nothing else.
  listener.on('checkContinue', (_req: IncomingMessage, res: ServerResponse) =>
    res.writeHead(500, { 'Content-Length': '0', Connection: 'close' }).end(),
  );
  const port = await listen(listener, options.port ?? 0);
  const stopWatching = clock.onMove(late.runDue);
  const sockets = watchSockets(listener);

  return {
    url: `https://127.0.0.1:${port}`,
    port,
    certificatePem: certificate.certificatePem,
    fingerprint256: certificate.fingerprint256,
    server,
    log,
    faults,
    sessions,
    messenger,
    addCompany,
    removeCompany(name) {
      sessions.dropCompany(name);
      companies.delete(name);
    },
    company(name) {
      const found = companies.get(name);
      if (found === undefined) throw new Error(`The practice SAP has no company ${name}.`);
      return found.office;
    },
    skewClock(ms) {
      skewMs = ms;
    },
    companyNames: () => [...companies.keys()],
    restart() {
      sessions.dropAll();
      for (const { company } of companies.values()) company.hiddenUserFields.clear();
    },
    async close() {
      stopWatching();
      messenger.close();
      faults.clear();
      const done = new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await done;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function watchSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  return sockets;
}

/** A mistake in the practice company itself: shown on the console, since no client may mistake it for SAP's doing. */
function failLoudly(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  if (!req.complete) return;
  console.error(`Practice SAP failed on ${req.method} ${req.url}`, error);
  if (res.headersSent) res.destroy();
  else res.writeHead(599, 'Practice defect').end();
}
