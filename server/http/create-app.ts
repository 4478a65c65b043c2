import { randomBytes, randomUUID } from 'node:crypto';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Secret } from '../app/ports/secrets.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { createBrowserCookie } from './install/browser-cookie.ts';
import { createInstall } from './install/run-passport.ts';
import { createStateStore } from './install/state-store.ts';
import { createHttpMetrics } from './metrics.ts';
import { errorHandler, noSuchRoute } from './middleware/error-handler.ts';
import { byAddress, type RateLimit, rateLimit } from './middleware/rate-limit.ts';
import { requestStart } from './middleware/request-start.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import type { Operator } from './pages/legal-page.ts';
import { createRouteTable, type RouteInfo, type RouteTable } from './route-table.ts';
import { addApiRoutes } from './routes/api.ts';
import { addAppNoticeRoutes } from './routes/app-notices.ts';
import { addExportRoute } from './routes/export.ts';
import { addInstallRoutes } from './routes/install.ts';
import { addLegalRoutes } from './routes/legal.ts';
import { addOperationsRoutes } from './routes/operations.ts';
import { addPageRoutes } from './routes/pages.ts';
import { addSapWebhookRoutes } from './routes/sap-webhooks.ts';
import { addWebhookRoutes, type WebhookLimits } from './routes/webhooks.ts';
import { createTokenVerifier } from './token-verifier.ts';
import type { UseCases } from './use-cases.ts';

export interface HttpSettings {
  /** Origin under which browsers and Pipedrive reach us. */
  readonly publicUrl: string;
  /** Hops in front of us that set forwarded headers; 0: none is believed. */
  readonly trustProxy: number;
  readonly metricsToken: Secret | undefined;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly jwtSecret: Secret;
  readonly oauthUrl: string;
  readonly extensionDir: string;
  readonly operator: Operator;
}

export interface RateLimits {
  /** Per address. */
  readonly install: RateLimit;
  /** Per user. */
  readonly api: RateLimit;
  /** Per installation. */
  readonly connectionTest: RateLimit;
  /** Downloads of all data, per installation. */
  readonly export: RateLimit;
  /** Notices with wrong credentials, per address; right ones are never held up. */
  readonly forgedNotices: RateLimit;
}

const DEFAULT_LIMITS: RateLimits = {
  install: { burst: 60, perMinute: 60 },
  api: { burst: 300, perMinute: 300 },
  connectionTest: { burst: 20, perMinute: 10 },
  export: { burst: 5, perMinute: 0.5 },
  forgedNotices: { burst: 60, perMinute: 60 },
};

export interface HttpDeps {
  readonly useCases: UseCases;
  readonly settings: HttpSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly isStopping?: () => boolean;
  readonly limits?: Partial<RateLimits>;
  readonly webhooks?: Partial<WebhookLimits>;
  /** 256 random bits in base64url. */
  readonly newToken?: () => string;
  readonly newId?: () => string;
}

export interface HttpApp {
  readonly app: Express;
  readonly routes: readonly RouteInfo[];
}

/** Everything a web process serves. */
export function createHttpApp(deps: HttpDeps): HttpApp {
  const { useCases, settings, clock, logger } = deps;
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  return createApp(deps, (table) => {
    addOperations(table, deps);
    const verifier = createTokenVerifier(settings.jwtSecret, clock);
    const perAddress = rateLimit(limits.install, clock, byAddress);
    addInstallRoutes(table, { install: installOf(deps), useCases, logger, now: () => clock.now(), limit: perAddress });
    const { clientId, clientSecret } = settings;
    addAppNoticeRoutes(table, { useCases, logger, clock, clientId, clientSecret, limit: limits.forgedNotices });
    addWebhookRoutes(table, { useCases, logger, limits: deps.webhooks ?? {} });
    addSapWebhookRoutes(table, { useCases, logger, pace: deps.webhooks?.pace });
    addApiRoutes(table, { useCases, verifier, clock, publicUrl: settings.publicUrl, limits });
    addLegalRoutes(table, settings.operator);
    addExportRoute(table, { useCases, verifier, clock, limit: limits.export });
    addPageRoutes(table, { useCases, verifier, extensionDir: settings.extensionDir });
  });
}

export type OperationsDeps = Pick<HttpDeps, 'clock' | 'logger' | 'registry' | 'isStopping' | 'newId'> & {
  readonly useCases: Pick<UseCases, 'readiness'>;
  readonly settings: Pick<HttpSettings, 'publicUrl' | 'trustProxy' | 'metricsToken'>;
};

/** What a process serves that only works through jobs. */
export function createOperationsApp(deps: OperationsDeps): HttpApp {
  return createApp(deps, (table) => addOperations(table, deps));
}

function createApp(deps: OperationsDeps, addRoutes: (table: RouteTable) => void): HttpApp {
  const { clock, logger, settings } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', settings.trustProxy);
  app.use(requestStart({ clock, logger, metrics: createHttpMetrics(deps.registry), newId: deps.newId ?? randomUUID }));
  app.use(securityHeaders({ https: settings.publicUrl.startsWith('https:') }));

  const table = createRouteTable(app);
  addRoutes(table);
  app.use(noSuchRoute, errorHandler({ clock, logger }));
  return { app, routes: table.routes };
}

function addOperations(table: RouteTable, { useCases, registry, settings, isStopping }: OperationsDeps): void {
  const { metricsToken } = settings;
  addOperationsRoutes(table, { useCases, registry, metricsToken, isStopping: isStopping ?? (() => false) });
}

function installOf({ useCases, settings, clock, newToken = randomToken }: HttpDeps) {
  const cookie = createBrowserCookie(settings.publicUrl.startsWith('https:'));
  return createInstall({
    oauth: useCases.oauth,
    store: createStateStore({ states: useCases.oauthStates, cookie, clock, newToken }),
    clientId: settings.clientId,
    oauthUrl: settings.oauthUrl,
    callbackUrl: `${settings.publicUrl}/oauth/callback`,
  });
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}
