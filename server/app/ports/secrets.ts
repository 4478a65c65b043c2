import type { Tx } from './unit-of-work.ts';

/** Where a secret stands; part of what is authenticated, so that a value moved elsewhere cannot be read. */
export interface SecretPlace {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** A secret text that prints, logs and serialises as `[secret]`. */
export interface Secret {
  /** The text itself: for the one call that sends it. */
  reveal(): string;
  toString(): '[secret]';
  toJSON(): '[secret]';
}

export interface Vault {
  /** Encrypts with the installation's data key. */
  seal(tx: Tx, place: SecretPlace, plain: string): Promise<Uint8Array>;
  /** @throws an error that names the place, never the value, when the value was not sealed for it */
  open(tx: Tx, place: SecretPlace, sealed: Uint8Array): Promise<Secret>;
  /** Makes a data key for a new or returning installation. */
  createDataKey(tx: Tx): Promise<void>;
  /** From then on nothing sealed for this installation can be read again. */
  destroyDataKey(tx: Tx): Promise<void>;
}
