import { createRandom } from '../kernel/random.ts';
import { createRequestLog, isFromApp, type LoggedRequest, type RequestLog } from '../kernel/request-log.ts';
import { servePages } from '../pages/serve-pages.ts';
import { type CompanyHandle, createCompanyHandle } from './company/handle.ts';
import { seedCompany } from './company/seed.ts';
import { type CompanyState, createCompanyState } from './company/state.ts';
import { createFaultBoard, type FaultBoard } from './faults.ts';
import { logRequest } from './http/masked-log.ts';
import { html, type Listener, listen, type PlainAnswer, type PlainRequest } from './http/plain.ts';
import { apiPath, serveApi } from './http/serve-api.ts';
import { createIdMaker } from './ids.ts';
import { oauthAnswer } from './oauth/faulty-answer.ts';
import { createGrantStore, type GrantStore } from './oauth/grants.ts';
import { redirectAfter, serveOAuth } from './oauth/serve-oauth.ts';
import type { CompanyOptions, PracticePipedriveOptions, RegisteredApp } from './options.ts';
import { registeredApp } from './registered-app.ts';
import { createTokenKeeper, signFrameToken, type TokenClaims } from './signed-token.ts';
import { endInstallation, tellUninstalled } from './uninstall.ts';
import { createWebhookEngine, type WebhookEngine } from './webhooks/engine.ts';

/** A company with its address. */
export interface PracticeCompany extends CompanyHandle {
  readonly apiDomain: string;
  /**
   * The company renames its subdomain: token answers name the new address from now on, and the old one redirects or is
   * gone (404 with a page). @returns the new address
   */
  rename(domain: string, oldHost: 'redirect' | 'gone'): Promise<string>;
  /** A page of its web app, as that user: `deal/7`, `organization/3`, `` for the list. */
  pageUrl(path: string, userId?: number): string;
  /** Every API call that this company got, with its answer. */
  requests(): LoggedRequest[];
}

/** The stand-in Pipedrive: one OAuth host, and one listener per company for its API and its pages. */
export interface PracticePipedrive {
  readonly oauthUrl: string;
  /** The app as registered; change it at any time. */
  readonly app: RegisteredApp;
  readonly log: RequestLog;
  readonly faults: FaultBoard;
  readonly grants: GrantStore;
  readonly webhooks: WebhookEngine;
  addCompany(options: CompanyOptions): Promise<PracticeCompany>;
  /** @throws Error for an id that was not added. */
  company(id: number): PracticeCompany;
  companies(): PracticeCompany[];
  /** `host:port,…` of everything that listens now, for PIPEDRIVE_LOCAL_HOSTS. */
  localHosts(): string;
  /** Plays the person at the consent page. @returns where the browser goes next. */
  consent(authorizeUrl: string, decision: { userId: number; companyId?: number; decline?: boolean }): string;
  /** Where Install in the Marketplace leads. */
  installUrl(): string;
  /** A user removes the app. @returns the callback's status, or null if it did not answer. */
  uninstall(companyId: number, userId: number): Promise<number | null>;
  /** The user's grant dies without a word (password change, deactivation). */
  revokeGrant(companyId: number, userId: number): void;
  signToken(claims: TokenClaims, options?: { expiresInSeconds?: number; secret?: string }): string;
  /** Sends what waits: retries, delayed and held deliveries. */
  flushWebhooks(): Promise<void>;
  /** Resolves when no delivery is on its way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startPracticePipedrive(options: PracticePipedriveOptions): Promise<PracticePipedrive> {
  const { clock } = options;
  const ids = createIdMaker(createRandom(options.seed));
  const log = createRequestLog();
  const faults = createFaultBoard();
  const grants = createGrantStore(clock, ids);
  const webhooks = createWebhookEngine(clock, ids);
  const app = registeredApp(options);
  const states = new Map<number, CompanyState>();
  const companies = new Map<number, PracticeCompany>();
  const listeners: Listener[] = [];
  const lastConsent = new Map<number, number>();
  const oauthHost = {
    lastConsent,
    app,
    grants,
    companies: states,
    onVendorUninstall: (companyId: number, userId: number) => {
      const company = states.get(companyId);
      if (company) endInstallation(company, grants, app.clientId, userId);
    },
  };

  const oauth = await listen(options.port ?? 0, async (request) => {
    const path = request.url.pathname;
    const struck = faults.strike({ method: request.method, path, company: undefined, userId: undefined });
    const answer = await oauthAnswer(struck, () => serveOAuth(oauthHost, request));
    logRequest(log, clock.now(), request, answer);
    return answer;
  });
  listeners.push(oauth);

  const installUrl = () => {
    const query = new URLSearchParams({ client_id: app.clientId, redirect_uri: app.callbackUrl });
    return app.installationUrl ?? `${oauth.origin}/oauth/authorize?${query}`;
  };

  const addCompany = async (input: CompanyOptions): Promise<PracticeCompany> => {
    if (states.has(input.id)) throw new Error(`Company ${input.id} is there already`);
    const state = createCompanyState(input, clock, createIdMaker(createRandom(options.seed * 7919 + input.id)));
    seedCompany(state, input);
    state.emit = (event) => webhooks.emit(state, event);
    const handle = createCompanyHandle(state);
    const frameToken = createTokenKeeper(clock, (userId) =>
      signFrameToken(clock, app.jwtSecret, { userId, companyId: input.id }),
    );
    const lastViewer = () => lastConsent.get(input.id);
    const pages = { app, clock, grants, handle, installUrl, frameToken, lastViewer };
    const origins: string[] = [];
    let oldHost: 'redirect' | 'gone' = 'redirect';
    const open = async (port: number) => {
      const listener = await listen(port, async (request) => {
        const target = apiPath(request.url.pathname);
        const moved = request.url.origin !== state.apiDomain;
        // Pages are for browsers. What else the app asks for here is noted, so that it does not go unseen.
        if (!target && !moved && !isFromApp(request.headers['user-agent'])) return servePages(pages, request);
        const answer = moved
          ? movedAnswer(oldHost, state.apiDomain, request)
          : target
            ? await serveApi({ company: state, clientId: app.clientId, grants, faults }, request, target)
            : html(404, 'There is no such address.');
        logRequest(log, clock.now(), request, answer);
        return answer;
      });
      listeners.push(listener);
      origins.push(listener.origin);
      state.apiDomain = listener.origin;
    };
    await open(input.port ?? 0);
    const company: PracticeCompany = {
      ...handle,
      get apiDomain() {
        return state.apiDomain;
      },
      rename: async (domain, old) => {
        oldHost = old;
        state.domain = domain;
        await open(0);
        return state.apiDomain;
      },
      requests: () => log.all().filter(({ headers }) => origins.includes(`http://${headers['host']}`)),
      pageUrl: (path, userId) => `${state.apiDomain}/${path}${userId === undefined ? '' : `?as=${userId}`}`,
    };
    states.set(input.id, state);
    companies.set(input.id, company);
    return company;
  };

  return {
    oauthUrl: oauth.origin,
    app,
    log,
    faults,
    grants,
    webhooks,
    addCompany,
    company: (id) => {
      const found = companies.get(id);
      if (!found) throw new Error(`There is no company ${id}`);
      return found;
    },
    companies: () => [...companies.values()],
    localHosts: () => listeners.map(({ port }) => `127.0.0.1:${port}`).join(','),
    consent: (authorizeUrl, { userId, companyId, decline }) => {
      const home = companyId ?? [...states.values()].find((state) => state.users.has(userId))?.id ?? Number.NaN;
      const query = new URL(authorizeUrl).searchParams;
      return redirectAfter(oauthHost, query, { companyId: home, userId, allow: decline !== true });
    },
    installUrl,
    uninstall: async (companyId, userId) => {
      const state = states.get(companyId);
      if (!state) throw new Error(`There is no company ${companyId}`);
      endInstallation(state, grants, app.clientId, userId);
      return tellUninstalled(app, { companyId, userId, at: clock.now() });
    },
    revokeGrant: (companyId, userId) => grants.remove(companyId, userId),
    signToken: (claims, { expiresInSeconds, secret } = {}) =>
      signFrameToken(clock, secret ?? app.jwtSecret, claims, expiresInSeconds),
    flushWebhooks: () => webhooks.flush(),
    settled: () => webhooks.settled(),
    close: async () => {
      faults.clear();
      await webhooks.close();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

/** What the address before a rename answers. */
function movedAnswer(oldHost: 'redirect' | 'gone', origin: string, { url }: PlainRequest): PlainAnswer {
  if (oldHost === 'gone')
    return html(404, '<!DOCTYPE html><title>Pipedrive</title><h1>This company does not exist</h1>');
  return { status: 301, headers: { location: `${origin}${url.pathname}${url.search}` }, body: '' };
}
