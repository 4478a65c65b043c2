import type { Erp, ErpCaller, ErpOnboarding } from '../app/ports/erp.ts';
import type { ErpAccessStore } from '../app/ports/erp-access.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import { startDeadline } from '../net/deadline.ts';
import { realSleep, type Sleep } from '../net/sleep.ts';
import type { SapCompany } from './company.ts';
import { type Resolve, resolveByDns } from './connector.ts';
import type { SapWorld } from './live-connection.ts';
import { createOnboarding } from './onboarding.ts';
import { createRequestSender } from './request-sender.ts';
import { viewCustomer } from './resources/customer-view.ts';
import {
  lastDocument,
  listPartnersDueBetween,
  oldestDueDates,
  touchedByDocuments,
  viewDocuments,
} from './resources/documents.ts';
import {
  countItems,
  getItems,
  listItemsByKey,
  listItemsChanged,
  listPriceLists,
  newestItemStamp,
} from './resources/items.ts';
import { lastJournalEntry, touchedByJournal } from './resources/journal.ts';
import { createKeyField, hasKeyField } from './resources/key-field.ts';
import { createOrder, findOrdersByKey } from './resources/orders.ts';
import {
  countPartners,
  getPartners,
  listPartnerGroups,
  listPartnersByKey,
  listPartnersChanged,
  newestPartnerStamp,
} from './resources/partners.ts';
import { quoteItems } from './resources/quotes.ts';
import type { SapNetwork } from './special-ranges.ts';

export interface ErpDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly network: SapNetwork;
  readonly access: ErpAccessStore;
  /** Gives every address of a name; the system's resolver unless a test plays another. */
  readonly resolve?: Resolve;
  /** Real waiting unless a test does without. */
  readonly sleep?: Sleep;
  /** PEM texts of public authorities; the platform's unless a test brings its own. */
  readonly authorities?: readonly string[];
}

export interface SapClient extends Erp, ErpOnboarding {
  /** Logs out everywhere and cuts all sockets: when the process ends. */
  closeAll(): Promise<void>;
}

/** Together with the write's 60 s this stays below the lease of a hand-off. */
const LOOKUP_LIMIT_MS = 30_000;

/** The SAP side of the product: one client for all connections of all installations. */
export function createErp(deps: ErpDeps): SapClient {
  const world: SapWorld = {
    clock: deps.clock,
    random: deps.random,
    network: deps.network,
    resolve: deps.resolve ?? resolveByDns,
    sleep: deps.sleep ?? realSleep,
    authorities: deps.authorities,
  };
  const sender = createRequestSender(world, deps.access, deps.logger);

  /** A resource's function as the port has it: the connection is opened anew for every call. */
  const on =
    <A extends readonly unknown[], R>(work: (company: SapCompany, ...args: A) => Promise<R>) =>
    async (caller: ErpCaller, ...args: A): Promise<R> =>
      work(await sender.open(caller), ...args);

  return {
    ...createOnboarding(world),

    listPartnersByKey: on(listPartnersByKey),
    listPartnersChanged: on(listPartnersChanged),
    getPartners: on(getPartners),
    countPartners: on(countPartners),
    listPartnerGroups: on(listPartnerGroups),
    newestStamp: on((company, of) => (of === 'partners' ? newestPartnerStamp(company) : newestItemStamp(company))),

    listItemsByKey: on(listItemsByKey),
    listItemsChanged: on(listItemsChanged),
    getItems: on(getItems),
    countItems: on(countItems),
    listPriceLists: on(listPriceLists),

    listTouchedPartners: on((company, set, after, limit) =>
      set === 'JournalEntries'
        ? touchedByJournal(company, after, limit)
        : touchedByDocuments(company, set, after, limit),
    ),
    lastDocEntry: on((company, set) =>
      set === 'JournalEntries' ? lastJournalEntry(company) : lastDocument(company, set),
    ),
    listPartnersDueBetween: on(listPartnersDueBetween),
    oldestDueDates: on(oldestDueDates),

    viewCustomer: on(viewCustomer),
    viewDocuments: on(viewDocuments),
    quoteItems: on(quoteItems),

    async findOrdersByKey(caller, key) {
      const deadline = startDeadline(LOOKUP_LIMIT_MS, caller.signal);
      try {
        return await findOrdersByKey(await sender.open({ ...caller, signal: deadline.signal }), key);
      } finally {
        deadline.clear();
      }
    },
    createOrder: on(createOrder),

    hasKeyField: on(hasKeyField),
    createKeyField: on(createKeyField),
    close: (connectionId) => sender.close(connectionId),
    closeAll: () => sender.closeAll(),
  };
}
