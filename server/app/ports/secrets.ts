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

/** The installation has been erased, and its data key with it: nothing of it can be sealed or opened any more. */
export class DataKeyGoneError extends Error {
  override readonly name = 'DataKeyGoneError';
}

/** Not sealed for this place, or with a data key that is gone since: an installation that comes back gets another one. */
export class NotSealedHereError extends Error {
  override readonly name = 'NotSealedHereError';
}

export interface Vault {
  /** Encrypts with the installation's data key. @throws {DataKeyGoneError} */
  seal(tx: Tx, place: SecretPlace, plain: string): Promise<Uint8Array>;
  /** @throws {DataKeyGoneError} @throws {NotSealedHereError} that names the place, never the value */
  open(tx: Tx, place: SecretPlace, sealed: Uint8Array): Promise<Secret>;
  /** Makes a data key for a new or returning installation. */
  createDataKey(tx: Tx): Promise<void>;
  /** From then on nothing sealed for this installation can be read again. */
  destroyDataKey(tx: Tx): Promise<void>;
}
