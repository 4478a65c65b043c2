import { describe, expect, it } from 'vitest';
import { heardAgain, reasonToRenew } from '../../../server/app/install/webhook-renewal.ts';
import type { CrmList, CrmReading } from '../../../server/app/ports/crm-readings.ts';
import type { CrmWebhook, Heard } from '../../../server/app/ports/delivery-store.ts';

const HOUR = 60 * 60_000;
const NOW = new Date('2026-11-24T09:00:00Z');
const ago = (hours: number) => new Date(NOW.getTime() - hours * HOUR);

const hook = (object: string, made: Date | null): CrmWebhook =>
  ({ webhookId: 1, object, action: 'change', user: object, madeAt: made, retiredAt: null }) as CrmWebhook;
const hooks = (made: Date | null) => ['deal', 'organization', 'person', 'product'].map((one) => hook(one, made));
const reading = (list: CrmList, newest: Date): CrmReading => ({
  list,
  mark: { newest, seen: {} },
  readFrom: NOW,
  suspected: false,
  readAgainAt: null,
});
const heard = (of: Readonly<Record<string, Date>>, unknown: Date | null = null): Heard => ({
  of: new Map(Object.entries(of)),
  unknown,
  quarantinedAt: null,
});
/** Of a company that is notified now and then: nothing is unusual about its hours. */
const calm = (lastAt: Date | null) => ({ lastAt, firstAt: lastAt, hours: 1, longestGapMs: 0, hoursWeekBefore: 0 });
const silent = (lastAt: Date) => ({ lastAt, firstAt: ago(400), hours: 40, longestGapMs: HOUR, hoursWeekBefore: 9 });

describe('making webhooks anew without being asked', () => {
  const known = {
    webhooks: hooks(ago(300)),
    readings: [reading('deals', ago(2)), reading('organizations', ago(1))],
    rhythm: calm(ago(0.5)),
  };

  it('WH-10 holds the changes of each kind against what was heard of that kind', () => {
    const deals = heard({ organization: ago(0.5), deal: ago(30) });
    expect(reasonToRenew({ ...known, heard: deals }, NOW)).toEqual({ reason: 'unheard', objects: ['deal'] });
    const both = heard({ organization: ago(10) });
    expect(reasonToRenew({ ...known, heard: both }, NOW)).toEqual({
      reason: 'unheard',
      objects: ['deal', 'organization'],
    });
    expect(reasonToRenew({ ...known, heard: heard({ organization: ago(1), deal: ago(2) }) }, NOW)).toBeUndefined();
    // What is not read yet may be about anything.
    expect(reasonToRenew({ ...known, heard: heard({}, ago(0.5)) }, NOW)).toBeUndefined();
  });

  it('WH-10 an organization alone is proof too, where deals never go by themselves', () => {
    const readings = [reading('organizations', ago(5))];
    const found = reasonToRenew({ ...known, readings, heard: heard({}) }, NOW);
    expect(found).toEqual({ reason: 'unheard', objects: ['organization'] });
  });

  it('WH-10 a proof counts after a renewal too, once a day and for what changed since', () => {
    const at = (made: Date, changed: Date) => {
      const readings = [reading('deals', changed)];
      const webhooks = hooks(made);
      return reasonToRenew({ webhooks, readings, heard: heard({ deal: ago(200) }), rhythm: calm(ago(200)) }, NOW)
        ?.reason;
    };
    expect(at(ago(48), ago(1))).toBe('unheard');
    expect(at(ago(23), ago(1))).toBeUndefined();
    expect(at(ago(48), ago(49))).toBeUndefined();
  });

  it('WH-10 silence counts once: those made since have had no chance yet', () => {
    const quiet = { ...known, readings: [], heard: heard({}), rhythm: silent(ago(30)) };
    expect(reasonToRenew(quiet, NOW)).toEqual({ reason: 'silent' });
    expect(reasonToRenew({ ...quiet, webhooks: hooks(ago(29)) }, NOW)).toBeUndefined();
  });

  it('asks nothing of kinds that have no webhook, nor of those of which it is not noted when they were made', () => {
    const readings = [reading('persons', ago(2))];
    expect(reasonToRenew({ ...known, readings, webhooks: hooks(null), heard: heard({}) }, NOW)).toBeUndefined();
    const webhooks = hooks(ago(300)).filter(({ object }) => object !== 'person');
    expect(reasonToRenew({ ...known, readings, webhooks, heard: heard({}) }, NOW)).toBeUndefined();
  });
});

describe('heardAgain', () => {
  it('names the kinds that were heard of since their webhooks were made', () => {
    expect(heardAgain(hooks(ago(3)), heard({ deal: ago(2), organization: ago(4) }))).toEqual(['deal']);
  });
});
