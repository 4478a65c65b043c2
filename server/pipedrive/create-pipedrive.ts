import type { Crm, CrmOAuth } from '../app/ports/crm.ts';
import type { GrantAccess, TokenAccounting } from '../app/ports/crm-access.ts';
import type { GateBooks } from '../app/ports/crm-gate.ts';
import type { CrmLineEditing } from '../app/ports/crm-line-editing.ts';
import type { CrmReference } from '../app/ports/crm-reference.ts';
import type { Secret } from '../app/ports/secrets.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import type { Sleep } from '../net/sleep.ts';
import { type Elapsed, realElapsed } from '../net/timer.ts';
import { createApi } from './api.ts';
import type { TrustedHosts } from './api-domain.ts';
import { createGrantHolder } from './grant-holder.ts';
import { createOAuth } from './oauth.ts';
import { createOwnBooks } from './own-books.ts';
import { createRequestSender } from './request-sender.ts';
import { createDealLines } from './resources/deal-lines.ts';
import { createDeals } from './resources/deals.ts';
import { createFields } from './resources/fields.ts';
import { createLastChanges } from './resources/last-changes.ts';
import { createLineEditing } from './resources/line-editing.ts';
import { createNotes } from './resources/notes.ts';
import { createOrganizations } from './resources/organizations.ts';
import { createPersons } from './resources/persons.ts';
import { createProducts } from './resources/products.ts';
import { createReference } from './resources/reference.ts';
import { createUsers } from './resources/users.ts';
import { createWebhooks } from './resources/webhooks.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import { createTraffic } from './traffic.ts';
import { createTransport } from './transport.ts';

export interface PipedriveDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Waits between repeats and for the burst window, in real time. */
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Origin of authorize, token and revoke, without a trailing slash. */
  readonly oauthUrl: string;
  /** `pipedrive.com`: a company's host is exactly one label under it. */
  readonly domain: string;
  /** `host:port` accepted over plain HTTP; empty in production. */
  readonly localHosts: ReadonlySet<string>;
  readonly grants: GrantAccess;
  readonly ledger: TokenAccounting;
  /** What the processes share of a company's limits; absent: there is no other process. */
  readonly gateBooks?: GateBooks | undefined;
  /** A stop watch; the machine's unless a test brings its own. */
  readonly elapsed?: Elapsed | undefined;
}

export interface Pipedrive {
  readonly crm: Crm & CrmLineEditing & CrmReference;
  readonly oauth: CrmOAuth;
  /** Ends kept connections; calls under way are finished first. */
  close(): Promise<void>;
}

export function createPipedrive(deps: PipedriveDeps): Pipedrive {
  const transport = createTransport();
  const trusted: TrustedHosts = { domain: deps.domain, localHosts: deps.localHosts };
  const oauthDeps = { ...deps, transport, trusted };
  const endpoint = createTokenEndpoint(oauthDeps);
  const oauth = createOAuth(oauthDeps, endpoint);
  const books = deps.gateBooks ?? createOwnBooks(deps.clock);
  const traffic = createTraffic({ ...deps, books, elapsed: deps.elapsed ?? realElapsed });
  const grants = createGrantHolder({ ...deps, endpoint, trusted, traffic, identify: oauth.identify });
  const sender = createRequestSender({ ...deps, transport, grants, traffic });
  const api = createApi(sender, deps.logger);

  return {
    crm: {
      ...createDeals(api),
      ...createDealLines(api),
      ...createLineEditing(api),
      ...createReference(api),
      ...createOrganizations(api),
      ...createPersons(api),
      ...createProducts(api),
      ...createLastChanges(api),
      ...createNotes(api),
      ...createFields(api),
      ...createWebhooks(api),
      ...createUsers(api),
    },
    oauth,
    close: () => transport.close(),
  };
}
