import { inspect } from 'node:util';
import type { Secret } from '../app/ports/secrets.ts';

const MASK = '[secret]';

/** A secret text that shows itself only to `reveal()`: not when printed, logged, compared or turned into JSON. */
export function createSecret(text: string): Secret {
  const secret = {
    reveal: () => text,
    toString: (): typeof MASK => MASK,
    toJSON: (): typeof MASK => MASK,
    [inspect.custom]: () => MASK,
  };
  return Object.freeze(secret);
}
