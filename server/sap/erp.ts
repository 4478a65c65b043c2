import type { Erp } from '../app/ports/erp.ts';
import type { ErpAccessStore } from '../app/ports/erp-access.ts';
import type { ErpCapabilityProbe } from '../app/ports/erp-capabilities.ts';
import type { ErpDoctor } from '../app/ports/erp-doctor.ts';
import type { ErpDocuments } from '../app/ports/erp-documents.ts';
import type { ErpEvents } from '../app/ports/erp-events.ts';
import type { ErpMasterData } from '../app/ports/erp-master-data.ts';
import type { ErpOnboarding } from '../app/ports/erp-onboarding.ts';
import type { ErpPrices } from '../app/ports/erp-prices.ts';
import type { ErpReferenceData } from '../app/ports/erp-reference-data.ts';
import type { ErpSlots } from '../app/ports/erp-slots.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import { startDeadline } from '../net/deadline.ts';
import { realSleep, type Sleep } from '../net/sleep.ts';
import { type Elapsed, realElapsed, realTimer, type StartTimer } from '../net/timer.ts';
import { capabilityCalls } from './calls/capabilities.ts';
import { documentCalls } from './calls/documents.ts';
import { erpEventCalls } from './calls/erp-events.ts';
import { masterDataCalls } from './calls/master-data.ts';
import { priceCalls } from './calls/prices.ts';
import { referenceDataCalls } from './calls/reference-data.ts';
import { type Resolve, resolveByDns } from './connector.ts';
import { createDoctor } from './doctor/diagnose.ts';
import type { SapWorld } from './live-connection.ts';
import type { On } from './on.ts';
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
  listStockByKey,
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
import { inFull } from './resources/readable.ts';
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
  /** What all processes share; without it this one takes the server for its own. */
  readonly slots?: ErpSlots | undefined;
  readonly elapsed?: Elapsed;
  readonly startTimer?: StartTimer;
  /** PEM texts of public authorities; the platform's unless a test brings its own. */
  readonly authorities?: readonly string[];
  /** Ports that the operator opens beside 443 and 1024 to 65535 without those of databases. */
  readonly extraPorts?: readonly number[];
}

export interface SapClient
  extends Erp,
    ErpDocuments,
    ErpEvents,
    ErpCapabilityProbe,
    ErpDoctor,
    ErpOnboarding,
    ErpMasterData,
    ErpPrices,
    ErpReferenceData {
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
    elapsed: deps.elapsed ?? realElapsed,
    startTimer: deps.startTimer ?? realTimer,
    authorities: deps.authorities,
    extraPorts: deps.extraPorts ?? [],
  };
  const sender = createRequestSender({ world, access: deps.access, slots: deps.slots, logger: deps.logger });

  const on: On =
    (work) =>
    async (caller, ...args) =>
      work(await sender.open(caller), ...args);

  const reading: On = (work) => on((company, ...args) => inFull(work(company, ...args)));

  const onboarding = createOnboarding(world);

  return {
    ...onboarding,
    ...capabilityCalls(on),
    ...createDoctor({ access: deps.access, open: (caller) => sender.open(caller), reach: onboarding }),
    ...masterDataCalls(reading),
    ...referenceDataCalls(reading),
    ...priceCalls(reading),
    ...erpEventCalls(on),
    ...documentCalls(on),

    listPartnersByKey: on(listPartnersByKey),
    listPartnersChanged: on(listPartnersChanged),
    getPartners: on(getPartners),
    countPartners: on(countPartners),
    listPartnerGroups: on(listPartnerGroups),
    newestStamp: on((company, of) => (of === 'partners' ? newestPartnerStamp(company) : newestItemStamp(company))),

    listItemsByKey: on(listItemsByKey),
    listItemsChanged: on(listItemsChanged),
    getItems: on(getItems),
    listStockByKey: on(listStockByKey),
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

    viewCustomer: reading(viewCustomer),
    viewDocuments: reading(viewDocuments),
    quoteItems: reading(quoteItems),

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
