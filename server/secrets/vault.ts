import { randomBytes, randomUUID } from 'node:crypto';
import { DataKeyGoneError, NotSealedHereError, type SecretPlace, type Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { decrypt, type EncryptionKey, encrypt, KEY_BYTES } from './envelope.ts';
import type { MasterKeys } from './master-keys.ts';
import { createSecret } from './secret.ts';

/** One installation's data key as it is stored: encrypted with a master key. */
export interface WrappedDataKey {
  readonly keyId: string;
  readonly masterKeyId: string;
  readonly wrapped: Uint8Array;
}

export interface DataKeyStore {
  find(tx: Tx): Promise<WrappedDataKey | undefined>;
  /** Does nothing when the installation has one. */
  add(tx: Tx, key: WrappedDataKey): Promise<void>;
  remove(tx: Tx): Promise<void>;
}

/**
 * Envelope encryption: a data key per installation, wrapped by a master key. What is authenticated with each value is
 * its installation, table, column, row and key id, so that it can be read in its own place only.
 */
export function createVault({ masterKeys, dataKeys }: { masterKeys: MasterKeys; dataKeys: DataKeyStore }): Vault {
  // A key is unwrapped once a transaction, and forgotten with it: an erased one works nowhere afterwards.
  const unwrapped = new WeakMap<Tx, EncryptionKey>();

  async function dataKeyOf(tx: Tx): Promise<EncryptionKey> {
    const known = unwrapped.get(tx);
    if (known) return known;
    const stored = await dataKeys.find(tx);
    if (!stored)
      throw new DataKeyGoneError('This installation has no data key: what was sealed for it cannot be read any more.');
    const key = unwrap(tx, masterKeys, stored);
    unwrapped.set(tx, key);
    return key;
  }

  return {
    async seal(tx, place, plain) {
      return encrypt(await dataKeyOf(tx), contextOf(tx, place), Buffer.from(plain, 'utf8'));
    },

    async open(tx, place, sealed) {
      const plain = decrypt(await dataKeyOf(tx), contextOf(tx, place), sealed);
      if (!plain)
        throw new NotSealedHereError(
          `The value in ${place.table}.${place.column} of row ${place.row} was not sealed for that place.`,
        );
      return createSecret(plain.toString('utf8'));
    },

    async createDataKey(tx) {
      unwrapped.delete(tx);
      const keyId = randomUUID();
      const wrapped = encrypt(masterKeys.primary, wrappingContext(tx, keyId), randomBytes(KEY_BYTES));
      await dataKeys.add(tx, { keyId, masterKeyId: masterKeys.primary.id, wrapped });
    },

    async destroyDataKey(tx) {
      unwrapped.delete(tx);
      await dataKeys.remove(tx);
    },
  };
}

function unwrap(tx: Tx, masterKeys: MasterKeys, stored: WrappedDataKey): EncryptionKey {
  const master = masterKeys.find(stored.masterKeyId);
  if (!master) throw new Error(`ENCRYPTION_KEYS lacks the key "${stored.masterKeyId}" that an installation needs.`);
  const bytes = decrypt(master, wrappingContext(tx, stored.keyId), stored.wrapped);
  if (!bytes) throw new Error(`The data key of installation ${tx.installationId} does not open with "${master.id}".`);
  return { id: stored.keyId, bytes };
}

const contextOf = (tx: Tx, { table, column, row }: SecretPlace): string[] => [tx.installationId, table, column, row];

const wrappingContext = (tx: Tx, keyId: string): string[] => [tx.installationId, 'data_keys', 'wrapped', keyId];
