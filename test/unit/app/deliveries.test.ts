import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBasic, sameText, signatureMatches } from '../../../server/app/authenticity.ts';
import { readDelivery } from '../../../server/app/deliveries/delivery-reader.ts';
import { contractsFolder } from '../../support/contract-recorder/contracts-folder.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (value: unknown) => readDelivery(bytes(JSON.stringify(value)));
const META = {
  version: '2.0',
  action: 'change',
  entity: 'deal',
  entity_id: '7',
  id: 'e-1',
  company_id: '1001',
  webhook_id: '5',
  timestamp: '2026-03-02T09:00:00Z',
};

const Samples = z.object({
  samples: z.array(z.object({ name: z.string(), body: z.object({ meta: z.record(z.string(), z.unknown()) }) })),
});
function samplesOf(file: string) {
  const folder = contractsFolder();
  if (!folder) return [];
  return Samples.parse(JSON.parse(readFileSync(new URL(`samples/pipedrive/${file}`, folder), 'utf8'))).samples;
}

describe('readDelivery', () => {
  it('reads every recorded delivery of version 2.0', () => {
    for (const { name, body } of samplesOf('webhooks-v2.json')) {
      const event = read(body);
      expect(event, name).toBeDefined();
      expect(event?.entity, name).toBe(body.meta['entity']);
      expect(event?.action, name).toBe(body.meta['action']);
      expect(event?.entityId, name).toBe(String(body.meta['entity_id']));
      expect(event?.companyId, name).toBe(String(body.meta['company_id']));
    }
  });

  it('reads every recorded delivery of version 1.0', () => {
    const actions = new Map([
      ['added', 'create'],
      ['updated', 'change'],
      ['merged', 'change'],
      ['deleted', 'delete'],
    ]);
    for (const { name, body } of samplesOf('webhooks-v1.json')) {
      const event = read(body);
      expect(event?.entity, name).toBe(body.meta['object']);
      expect(event?.action, name).toBe(actions.get(String(body.meta['action'])));
      expect(event?.entityId, name).toBe(String(body.meta['id']));
      expect(event?.eventId, name).toBeNull();
    }
  });

  it('the id in an event about a user names no event', () => {
    expect(read({ meta: { ...META, entity: 'user', id: 12, timestamp: 1_772_442_000 } })?.eventId).toBeNull();
    expect(read({ meta: META })?.eventId).toBe('e-1');
  });

  it('knows the winner of a merge', () => {
    expect(read({ meta: { ...META, action: 'delete', merged_to_id: 9 } })?.mergedInto).toBe('9');
  });

  it.each([
    ['the event’s id is an object', { id: { of: 'event' } }],
    ['the event’s id is very long', { id: 'x'.repeat(65) }],
    ['the webhook’s id is half a number', { webhook_id: 0.5 }],
    ['the time is an object', { timestamp: { seconds: 1 } }],
    ['the winner is a list', { merged_to_id: [9] }],
    ['the loser is an object', { merged_from_id: {} }],
    ['the version is a number', { version: 2 }],
    ['the version is a later one of the same form', { version: '2.1' }],
    ['there is no version', { version: null }],
  ])('5.1 what changed is known although %s', (_what, change) => {
    expect(read({ meta: { ...META, ...change } })).toMatchObject({ entity: 'deal', entityId: '7', companyId: '1001' });
  });

  it.each([
    ['the webhook’s id', { webhook_id: {} }],
    ['the time', { timestamp: [] }],
    ['the time in microseconds', { timestamp_micro: {} }],
  ])('5.1 the older format too, although %s is odd', (_what, change) => {
    const meta = { action: 'updated', object: 'deal', id: 7, company_id: 1001 };
    expect(read({ meta: { ...meta, ...change } })).toMatchObject({ entity: 'deal', entityId: '7', companyId: '1001' });
  });

  it.each([
    ['the company is an object', { company_id: {} }],
    ['the version is another one', { version: '3.0' }],
  ])('5.1 it is unreadable when %s', (_what, change) => {
    expect(read({ meta: { ...META, ...change } })).toBeUndefined();
  });

  it('5.1.18 needs neither data nor previous', () => {
    expect(read({ meta: { ...META, action: 'delete' }, data: null, previous: null })?.action).toBe('delete');
    expect(read({ meta: META })?.action).toBe('change');
  });

  it.each([
    ['an empty body', bytes('')],
    ['null', bytes('null')],
    ['a list', bytes('[]')],
    ['a text', bytes('"x"')],
    ['0', bytes('0')],
    ['truncated JSON', bytes('{"meta":{"action":"change","entity":"deal"')],
    ['invalid UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16 with a byte order mark', Uint8Array.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
    ['a hundred thousand open brackets', bytes('['.repeat(100_000))],
    ['no meta', bytes('{}')],
    ['an unknown action', bytes(JSON.stringify({ meta: { ...META, action: 'explode' } }))],
    ['an id that is no whole number', bytes(JSON.stringify({ meta: { ...META, entity_id: 0.5 } }))],
    ['an id beyond what is exact', bytes('{"meta":{"action":"change","entity":"deal","entity_id":9007199254740993}}')],
    ['meta that is a list', bytes('{"meta":[]}')],
  ])('5.1 %s is unreadable, and nothing is thrown', (_what, body) => {
    expect(readDelivery(body)).toBeUndefined();
  });

  it.each([
    [
      'keys of the prototype',
      '{"__proto__":{"a":1},"constructor":{"prototype":{}},"meta":{"action":"change","entity":"deal","entity_id":7}}',
    ],
    ['NUL in a name', `{"data":{"title":"a\\u0000b"},"meta":{"action":"change","entity":"deal","entity_id":7}}`],
    [
      'half of a surrogate pair',
      `{"data":{"title":"\\ud800"},"meta":{"action":"change","entity":"deal","entity_id":7}}`,
    ],
    ['a timestamp of 1970 as a number', '{"meta":{"action":"change","entity":"deal","entity_id":7,"timestamp":0}}'],
    [
      'doubled keys',
      '{"data":{"status":"open","status":"won"},"meta":{"action":"change","entity":"deal","entity_id":7}}',
    ],
  ])('5.1 %s do not stand in the way of what it names', (_what, text) => {
    expect(readDelivery(bytes(text))).toMatchObject({ entity: 'deal', entityId: '7' });
    expect(Object.prototype).not.toHaveProperty('a');
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (body) => void readDelivery(body)));
    fc.assert(fc.property(fc.json(), (text) => void readDelivery(bytes(text))));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(META)), fc.anything()), (meta) => {
        const text = JSON.stringify({ meta }, (_key, value: unknown) => (typeof value === 'bigint' ? null : value));
        readDelivery(bytes(text));
      }),
    );
  });
});

describe('readBasic', () => {
  const header = (text: string, scheme = 'Basic') => `${scheme} ${Buffer.from(text).toString('base64')}`;

  it('5.1.13 keeps colons in the password, and takes any case of the scheme', () => {
    expect(readBasic(header('user:pass:word'))).toEqual({ user: 'user', password: 'pass:word' });
    expect(readBasic(header('user:secret', 'bASIC'))).toEqual({ user: 'user', password: 'secret' });
    expect(readBasic(header('user:'))).toEqual({ user: 'user', password: '' });
  });

  it.each([undefined, '', 'Basic', 'Basic !!!', header('no-colon'), 'Bearer abc', 'Basic YQ==, Basic YQ=='])(
    '%s is none',
    (value) => {
      expect(readBasic(value)).toBeUndefined();
    },
  );
});

describe('sameText', () => {
  it('5.1.14 a prefix of the right password is another one', () => {
    expect(sameText('secret', 'secret')).toBe(true);
    expect(sameText('secret', 'secre')).toBe(false);
    expect(sameText('', 'secret')).toBe(false);
  });
});

describe('signatureMatches', () => {
  const mac = createHmac('sha256', 'the secret').update('{"meta":{}}').digest();

  it('takes hex and base64, with and without its name', () => {
    for (const text of [mac.toString('hex'), mac.toString('hex').toUpperCase(), mac.toString('base64')]) {
      expect(signatureMatches(text, mac)).toBe(true);
      expect(signatureMatches(`sha256=${text}`, mac)).toBe(true);
      expect(signatureMatches(`  SHA256=${text} `, mac)).toBe(true);
    }
  });

  it('refuses every other text', () => {
    const good = mac.toString('hex');
    const other = createHmac('sha256', 'another secret').update('{"meta":{}}').digest('hex');
    const almost = good.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const bad of ['', 'sha256=', good.slice(1), `${good}0`, almost, other]) {
      expect(signatureMatches(bad, mac), bad).toBe(false);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(signatureMatches(text, mac)).toBe(false);
      }),
    );
  });
});
