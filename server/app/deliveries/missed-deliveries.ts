import type { Logger } from '../../kernel/logger.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import { type SuspectFailuresDeps, suspectFailures } from '../suspect-gap.ts';
import type { DeliveryCaller } from './delivery-callers.ts';
import type { makeReceiveDelivery } from './receive-delivery.ts';

export interface MissedDeliveriesDeps extends SuspectFailuresDeps {
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly installations: Pick<InstallationStore, 'get'>;
}

export interface MissedDeliveries {
  /** A delivery to this address was not taken, whoever sent it. @param addressHash SHA-256 of the address' secret */
  note(addressHash: Uint8Array): void;
  /** After one was taken: what was missed until now is looked for. Never throws. */
  settle(caller: Pick<DeliveryCaller, 'installationId' | 'secretHash'>): Promise<void>;
}

/** Addresses remembered at most; the oldest is forgotten first. Anybody can send to addresses of nobody. */
const MOST = 5_000;

/**
 * Remembers, in this process, to whom a delivery was answered with 503 or not at all. Usually the database was away, so it is
 * only noted there with the next one that can be stored.
 */
export function createMissedDeliveries(deps: MissedDeliveriesDeps): MissedDeliveries {
  const missed = new Set<string>();

  function remember(address: string): void {
    missed.add(address);
    const oldest = missed.values().next().value;
    if (missed.size > MOST && oldest !== undefined) missed.delete(oldest);
  }

  return {
    note: (addressHash) => remember(Buffer.from(addressHash).toString('hex')),

    async settle({ installationId, secretHash }) {
      const address = Buffer.from(secretHash).toString('hex');
      if (!missed.delete(address)) return;
      try {
        await deps.unitOfWork.within(installationId, async (tx) => {
          const { status } = await deps.installations.get(tx);
          if (status === 'active') await suspectFailures(deps, tx);
        });
      } catch (error) {
        remember(address);
        deps.logger.error('Missed deliveries could not be noted', error, { installationId });
      }
    },
  };
}

type ReceiveDelivery = ReturnType<typeof makeReceiveDelivery>;

/** Receives, and where storing works again has what was missed before looked for. */
export function makeReceiveAgain(missed: Pick<MissedDeliveries, 'settle'>, receive: ReceiveDelivery): ReceiveDelivery {
  return async function receiveAgain(caller, arrived) {
    const receipt = await receive(caller, arrived);
    if (receipt === 'stored' || receipt === 'duplicate') await missed.settle(caller);
    return receipt;
  };
}
