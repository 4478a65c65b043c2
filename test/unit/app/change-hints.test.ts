import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changeHints } from '../../../server/app/deliveries/change-hints.ts';
import { readDelivery } from '../../../server/app/deliveries/delivery-reader.ts';
import { contractsFolder } from '../../support/contract-recorder/contracts-folder.ts';

const hintsOf = (body: unknown) => {
  const event = readDelivery(new TextEncoder().encode(JSON.stringify(body)));
  if (!event) throw new Error('This is no delivery.');
  return changeHints(event);
};
const two = (meta: Record<string, unknown>, data: unknown = null, previous: unknown = null) =>
  hintsOf({ meta: { action: 'change', entity: 'deal', entity_id: '7', version: '2.0', ...meta }, data, previous });

describe('changeHints', () => {
  it('names the record, and that it was said to be gone', () => {
    expect(two({})).toEqual([{ entity: 'deal', id: 7, gone: false, mergedInto: null }]);
    expect(two({ action: 'delete', entity: 'organization' })).toEqual([
      { entity: 'organization', id: 7, gone: true, mergedInto: null },
    ]);
  });

  it('a line means its deal, whether it was added, changed or deleted', () => {
    const line = { entity: 'deal_product', entity_id: '55' };
    const deal = [{ entity: 'deal', id: 7, gone: false, mergedInto: null }];
    expect(two({ ...line, action: 'create' }, { id: 55, deal_id: 7 })).toEqual(deal);
    expect(two({ ...line, action: 'delete' }, null, { id: 55, deal_id: '7' })).toEqual(deal);
    expect(two(line, { id: 55 })).toEqual([]);
  });

  it('5.7.16 a merge names both, told by either', () => {
    const both = [
      { entity: 'person', id: 7, gone: true, mergedInto: 9 },
      { entity: 'person', id: 9, gone: false, mergedInto: null },
    ];
    expect(two({ entity: 'person', action: 'delete', merged_to_id: '9' })).toEqual(both);
    const told = two({ entity: 'person', entity_id: '9', merged_from_id: '7' });
    expect([...told].reverse()).toEqual(both);
    const old = hintsOf({
      meta: { action: 'merged', object: 'person', id: 9 },
      current: { id: 9, merge_what_id: 7 },
      previous: { id: 7 },
    });
    expect([...old].reverse()).toEqual(both);
  });

  it('a user is never gone: a deactivated one is read like any other', () => {
    expect(two({ entity: 'user', action: 'delete' })).toEqual([
      { entity: 'user', id: 7, gone: false, mergedInto: null },
    ]);
  });

  it.each(['0', '-1', '1.5', '1e3', 'b18fa830-6c0d-11ed-9826-a53d0eb706a5', '99999999999999999', ''])(
    'an id that no record can have is none: %s',
    (id) => {
      expect(two({ entity_id: id })).toEqual([]);
    },
  );

  it('kinds that mean nothing to us are kept and ignored, the prototype’s names too', () => {
    for (const entity of ['lead', 'note', 'activity', 'rocket', 'constructor', '__proto__', '*']) {
      expect(two({ entity }), entity).toEqual([]);
    }
  });

  const Samples = z.object({
    samples: z.array(z.object({ name: z.string(), body: z.object({ meta: z.record(z.string(), z.unknown()) }) })),
  });

  it.each(['webhooks-v1.json', 'webhooks-v2.json'])('every recorded delivery of %s means what it names', (file) => {
    const folder = contractsFolder();
    if (!folder) return;
    const read = Samples.parse(JSON.parse(readFileSync(new URL(`samples/pipedrive/${file}`, folder), 'utf8')));
    const ours = ['deal', 'organization', 'person', 'product', 'user'];
    for (const { name, body } of read.samples) {
      const entity = String(body.meta['entity'] ?? body.meta['object']);
      const id = Number(body.meta['entity_id'] ?? body.meta['id']);
      const hints = hintsOf(body);
      expect(hints.length > 0, name).toBe(ours.includes(entity));
      if (ours.includes(entity)) expect(hints, name).toContainEqual(expect.objectContaining({ entity, id }));
    }
  });
});
