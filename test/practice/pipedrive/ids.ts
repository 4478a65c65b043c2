import type { SeededRandom } from '../kernel/random.ts';

const HEX = '0123456789abcdef';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** Random-looking names, all drawn from the seed so that a run can be repeated. */
export interface IdMaker {
  hex(length: number): string;
  secret(length: number): string;
  uuid(): string;
}

export function createIdMaker(random: SeededRandom): IdMaker {
  const draw = (alphabet: string, length: number) => {
    let text = '';
    while (text.length < length) text += alphabet[random.int(0, alphabet.length - 1)] ?? '';
    return text;
  };
  const hex = (length: number) => draw(HEX, length);
  return {
    hex,
    secret: (length) => draw(LETTERS, length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}
