import { createHash, timingSafeEqual } from 'node:crypto';
import { UnavailableError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { readBasic } from '../authenticity.ts';
import type { CrmWebhookStore } from '../ports/delivery-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { TenantDirectory, UnitOfWork } from '../ports/unit-of-work.ts';

/** What a delivery shows before anything of its body is read. */
export interface DeliveryProof {
  /** The last part of the address it came to. */
  readonly secret: string;
  readonly authorization: string | undefined;
  /** The network address that it came from, as far as it is known: behind a proxy that is not trusted all have one. */
  readonly from: string;
}

/** Whose webhook it is. */
export interface DeliveryCaller {
  readonly installationId: InstallationId;
  /** Pipedrive's company id, as text. */
  readonly companyId: string;
  readonly secretHash: Uint8Array;
  /** The user of the webhook's credentials. */
  readonly user: string;
}

export interface DeliveryCallers {
  /**
   * Undefined: not ours.
   * @throws {UnavailableError} when so many unknown ones are being looked up that another has to wait
   */
  find(proof: DeliveryProof): Promise<DeliveryCaller | undefined>;
  /** After storing has found that this one is ours no more. */
  forget(caller: DeliveryCaller): void;
}

export interface DeliveryCallersDeps {
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: Pick<InstallationStore, 'get'>;
  readonly webhooks: Pick<CrmWebhookStore, 'listCredentials'>;
}

/** Addresses remembered at most; the one that was idle longest is forgotten first. */
const MOST_KNOWN = 5_000;
/** Look-ups in the database at once. Those who are known need none, and are not held up by guesses. */
const MOST_LOOKUPS = 50;
/** Of these, for one network address: one that guesses leaves places to those whom nobody has looked up yet. */
const MOST_LOOKUPS_FROM_ONE = 20;

interface Known {
  readonly installationId: InstallationId;
  readonly companyId: string;
  readonly webhooks: readonly { readonly user: string; readonly userHash: Buffer; readonly passwordHash: Uint8Array }[];
}

/**
 * Knows webhooks by address and credentials, all compared as hashes in constant time. What is remembered only lets a body
 * in; the transaction that stores it asks the database again, so nothing here has to be fresh. Credentials that are not
 * known yet are looked up before they are refused.
 */
export function createDeliveryCallers(deps: DeliveryCallersDeps): DeliveryCallers {
  const known = new Map<string, Known>();
  const lookups = new Map<string, { readonly from: string; readonly found: Promise<Known | undefined> }>();

  async function lookUp(hash: Uint8Array): Promise<Known | undefined> {
    const id = await deps.directory.findByWebhookSecret(hash);
    if (!id) return undefined;
    return deps.unitOfWork.within(id, async (tx) => {
      const { status, companyId } = await deps.installations.get(tx);
      if (status === 'uninstalled') return undefined;
      const credentials = await deps.webhooks.listCredentials(tx);
      const webhooks = credentials.map((one) => ({ ...one, userHash: sha256(one.user) }));
      return { installationId: id, companyId, webhooks };
    });
  }

  /** One look-up an address, however many ask at once. */
  function lookUpOnce(key: string, hash: Uint8Array, from: string): Promise<Known | undefined> {
    const running = lookups.get(key);
    if (running) return running.found;
    if (isFull(from)) throw new UnavailableError('Too many deliveries at once. Send it again.');
    const found = lookUp(hash)
      .then((found) => {
        known.delete(key);
        if (found) remember(key, found);
        return found;
      })
      .finally(() => lookups.delete(key));
    lookups.set(key, { from, found });
    return found;
  }

  function isFull(from: string): boolean {
    if (lookups.size >= MOST_LOOKUPS) return true;
    return [...lookups.values()].filter((lookup) => lookup.from === from).length >= MOST_LOOKUPS_FROM_ONE;
  }

  function remember(key: string, found: Known): void {
    known.set(key, found);
    const oldest = known.keys().next().value;
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  return {
    async find({ secret, authorization, from }) {
      const basic = readBasic(authorization);
      if (!basic) return undefined;
      const secretHash = sha256(secret);
      const key = secretHash.toString('hex');
      const remembered = known.get(key);
      const caller = remembered && callerAmong(remembered, secretHash, basic);
      if (remembered && caller) {
        known.delete(key);
        known.set(key, remembered);
        return caller;
      }
      const found = await lookUpOnce(key, secretHash, from);
      return found && callerAmong(found, secretHash, basic);
    },

    forget({ secretHash }) {
      known.delete(Buffer.from(secretHash).toString('hex'));
    },
  };
}

/** Looks at every webhook whichever fits, so that the time taken tells nothing. */
function callerAmong(
  { installationId, companyId, webhooks }: Known,
  secretHash: Uint8Array,
  basic: { user: string; password: string },
): DeliveryCaller | undefined {
  const userHash = sha256(basic.user);
  const passwordHash = sha256(basic.password);
  let found: DeliveryCaller | undefined;
  for (const webhook of webhooks) {
    const sameUser = timingSafeEqual(webhook.userHash, userHash);
    const samePassword = timingSafeEqual(webhook.passwordHash, passwordHash);
    if (sameUser && samePassword) found = { installationId, companyId, secretHash, user: webhook.user };
  }
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
