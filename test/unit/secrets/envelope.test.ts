import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decrypt, type EncryptionKey, encrypt } from '../../../server/secrets/envelope.ts';
import { parseMasterKeys } from '../../../server/secrets/master-keys.ts';

const aKey = (id = 'k'): EncryptionKey => ({ id, bytes: randomBytes(32) });
const bytes = fc.uint8Array({ maxLength: 200 });
const context = fc.array(fc.string({ maxLength: 10 }), { minLength: 1, maxLength: 5 });

describe('envelope encryption (SE-11)', () => {
  it('gives back what went in, under a fresh IV each time', () => {
    const key = aKey();
    fc.assert(
      fc.property(bytes, context, (plain, place) => {
        const sealed = encrypt(key, place, plain);
        expect(decrypt(key, place, sealed)?.equals(plain)).toBe(true);
        expect(encrypt(key, place, plain).subarray(1, 13).equals(sealed.subarray(1, 13))).toBe(false);
      }),
    );
  });

  it('decrypts under no other context: 10,000 swaps', () => {
    const key = aKey();
    fc.assert(
      fc.property(bytes, context, context, (plain, place, other) => {
        fc.pre(JSON.stringify(place) !== JSON.stringify(other));
        expect(decrypt(key, other, encrypt(key, place, plain))).toBeUndefined();
      }),
      { numRuns: 10_000 },
    );
  });

  it('tells contexts apart whose texts run together', () => {
    const key = aKey();
    const sealed = encrypt(key, ['ab', 'c'], Buffer.from('x'));
    expect(decrypt(key, ['a', 'bc'], sealed)).toBeUndefined();
    expect(decrypt(key, ['ab,c'], sealed)).toBeUndefined();
    expect(decrypt(key, ['c', 'ab'], sealed)).toBeUndefined();
  });

  it('decrypts nothing with a bit changed, a byte cut off or a byte added', () => {
    const key = aKey();
    const sealed = encrypt(key, ['place'], Buffer.from('a token'));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decrypt(key, ['place'], flipped)).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length += 1)
      expect(decrypt(key, ['place'], sealed.subarray(0, length))).toBeUndefined();
    expect(decrypt(key, ['place'], Buffer.concat([sealed, Buffer.of(0)]))).toBeUndefined();
  });

  it('decrypts with no other key, nor with the same key under another id', () => {
    const key = aKey('first');
    const sealed = encrypt(key, ['place'], Buffer.from('a token'));
    expect(decrypt(aKey('first'), ['place'], sealed)).toBeUndefined();
    expect(decrypt({ ...key, id: 'second' }, ['place'], sealed)).toBeUndefined();
  });
});

describe('ENCRYPTION_KEYS', () => {
  const good = randomBytes(32).toString('base64');

  it('gives the first to write with and all to read with', () => {
    const keys = parseMasterKeys(`2026:${good}, 2025:${randomBytes(32).toString('base64')}`);
    expect(keys.primary.id).toBe('2026');
    expect(keys.find('2025')?.bytes).toHaveLength(32);
    expect(keys.find('2024')).toBeUndefined();
  });

  it('names every faulty pair by its place and none by its text', () => {
    const short = randomBytes(16).toString('base64');
    const faulty = () => parseMasterKeys(`a:${good},b:${short},no colon,a:${good}`);
    expect(faulty).toThrow(
      'ENCRYPTION_KEYS: the key of pair 2 has 16 bytes, not 32; pair 3 is not "id:base64"; two pairs have the same id.',
    );
    expect(() => parseMasterKeys('')).toThrow('pair 1 is not "id:base64"');
  });
});
