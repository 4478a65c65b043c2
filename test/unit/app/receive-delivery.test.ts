import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryCaller } from '../../../server/app/deliveries/delivery-callers.ts';
import { fingerprintOf } from '../../../server/app/deliveries/delivery-fingerprint.ts';
import { readDelivery } from '../../../server/app/deliveries/delivery-reader.ts';
import { type ArrivedDelivery, makeReceiveDelivery } from '../../../server/app/deliveries/receive-delivery.ts';
import type { DeliveryOutcome, InboxDelivery } from '../../../server/app/ports/delivery-inbox.ts';
import { installationId } from '../../../server/kernel/ids.ts';

const CALLER: DeliveryCaller = {
  installationId: installationId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01'),
  companyId: '1001',
  secretHash: new Uint8Array(32),
  user: 'hook',
};
const META = {
  version: '2.0',
  action: 'change',
  entity: 'deal',
  entity_id: '7',
  id: 'e-1',
  company_id: '1001',
  timestamp: '2026-03-02T09:00:00Z',
  attempt: 1,
};
const bytes = (text: string) => new TextEncoder().encode(text);
const bodyOf = (meta: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) =>
  bytes(JSON.stringify({ data: { id: 7 }, previous: null, meta: { ...META, ...meta }, ...rest }));
const arrived = (body: Uint8Array, headers: Record<string, string> = {}): ArrivedDelivery => ({
  headers,
  body,
  size: body.length,
  tooLarge: false,
  mac: createHmac('sha256', 'secret').update(body).digest(),
});

function receiver(outcome: DeliveryOutcome = 'stored') {
  const stored: InboxDelivery[] = [];
  const forgotten: DeliveryCaller[] = [];
  const told: string[] = [];
  const receive = makeReceiveDelivery({
    clock: { now: () => new Date('2026-03-02T09:00:01Z') },
    callers: { forget: (caller) => void forgotten.push(caller) },
    tellRefusal: async (_id, refusal) => void told.push(refusal),
    inbox: {
      async store(delivery) {
        stored.push(delivery);
        return outcome;
      },
    },
  });
  return { receive, stored, forgotten, told };
}

describe('receiving a delivery', () => {
  it('WH-01 hands what arrived and the job that reads it over as one', async () => {
    const { receive, stored } = receiver();
    const body = bodyOf();
    expect(await receive(CALLER, arrived(body, { 'x-a': '1', authorization: 'x', 'x-pipedrive-signature': '' }))).toBe(
      'stored',
    );
    expect(stored).toMatchObject([
      { body, state: 'new', headers: { 'x-a': '1' }, signed: false, user: 'hook', finding: null },
    ]);
    expect(stored[0]?.job).toMatchObject({ task: 'delivery.process', priority: 'order' });
  });

  it('5.1.12 WH-04 takes nothing that names another company', async () => {
    const { receive, stored, told } = receiver();
    expect(await receive(CALLER, arrived(bodyOf({ company_id: '1002' })))).toBe('refused');
    expect(told).toEqual(['other_company']);
    expect(await receive(CALLER, arrived(bodyOf({ company_id: 1001 })))).toBe('stored');
    expect(stored).toHaveLength(1);
  });

  it('one without a signature where it is required is refused, and its sender remembered', async () => {
    const { receive, told, forgotten } = receiver('unsigned');
    expect(await receive(CALLER, arrived(bodyOf()))).toBe('refused');
    expect(told).toEqual(['unsigned']);
    expect(forgotten).toEqual([]);
  });

  it('a signature that is there must be right', async () => {
    const { receive, stored, told } = receiver();
    const good = arrived(bodyOf());
    const signed = (text: string) => ({ ...good, headers: { 'x-pipedrive-signature': text } });
    expect(await receive(CALLER, signed(Buffer.from(good.mac).toString('hex')))).toBe('stored');
    expect(await receive(CALLER, signed('sha256=00'))).toBe('refused');
    expect(told).toEqual(['wrong_signature']);
    expect(stored).toMatchObject([{ signed: true }]);
  });

  it('WH-12 forgets a caller that is gone by now', async () => {
    const { receive, forgotten } = receiver('not_ours');
    expect(await receive(CALLER, arrived(bodyOf()))).toBe('not_ours');
    expect(forgotten).toEqual([CALLER]);
  });

  it('WH-08 nothing in a body makes it fail', async () => {
    const { receive } = receiver();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (body) => {
        expect(await receive(CALLER, arrived(body))).toBe('stored');
      }),
    );
  });
});

describe('what is the same event (WH-06)', () => {
  const of = (body: Uint8Array, user = 'hook') => fingerprintOf(user, readDelivery(body), body);
  const USER = { entity: 'user', id: '12', entity_id: '12', timestamp: 1_772_442_000 };
  const version1 = (values: Record<string, unknown>) =>
    bytes(
      JSON.stringify({
        v: 1,
        meta: { action: 'updated', object: 'deal', id: 7, company_id: 1001, timestamp: 1_772_442_000 },
        current: { id: 7 },
        retry: 0,
        ...values,
      }),
    );

  it('a retry is, with an id, without one, of a user and in format 1.0', () => {
    expect(of(bodyOf({ attempt: 4 }))).toBe(of(bodyOf()));
    expect(of(bodyOf({ id: undefined, attempt: 2 }))).toBe(of(bodyOf({ id: undefined })));
    expect(of(bodyOf({ ...USER, attempt: 3 }))).toBe(of(bodyOf(USER)));
    expect(of(version1({ retry: 3 }))).toBe(of(version1({})));
  });

  it('another event is not: another time, record, action, webhook or content', () => {
    const all = [
      of(bodyOf()),
      of(bodyOf(), 'another webhook'),
      of(bodyOf({ id: 'e-2' })),
      of(bodyOf({ entity_id: '8' })),
      of(bodyOf({ action: 'delete' })),
      of(bodyOf({ entity: 'person' })),
      of(bodyOf({ timestamp: '2026-03-02T09:00:01Z' })),
      of(bodyOf({ id: undefined })),
      of(bodyOf({ id: undefined }, { data: { id: 7, title: 'other' } })),
      of(bodyOf(USER)),
      // A user's number is no event's id: two changes of one person are two events.
      of(bodyOf({ ...USER, timestamp: 1_772_442_001 })),
      of(bodyOf(USER, { data: { id: 12, active_flag: false } })),
      of(version1({})),
      of(version1({ current: { id: 7, title: 'other' } })),
      of(bytes('nonsense')),
      of(bytes('other nonsense')),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('a text that only looks like the count of attempts still counts', () => {
    const named = (title: string) => of(bodyOf({ id: undefined }, { data: { id: 7, title } }));
    expect(named('"attempt":1')).not.toBe(named('"attempt":2'));
  });
});
