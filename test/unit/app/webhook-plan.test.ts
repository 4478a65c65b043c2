import { describe, expect, it } from 'vitest';
import {
  isSound,
  judged,
  missingKinds,
  turnedAway,
  unanswered,
  WEBHOOKS,
} from '../../../server/app/install/webhook-plan.ts';
import type { CrmWebhookInfo } from '../../../server/app/ports/crm.ts';
import type { CrmWebhook, Heard } from '../../../server/app/ports/delivery-store.ts';

const URL = 'https://app.example/webhooks/pipedrive/secret';
const NOW = new Date('2026-11-24T09:00:00Z');

const row = (values: Partial<CrmWebhook> = {}): CrmWebhook => ({
  webhookId: 7,
  object: 'deal',
  action: 'change',
  user: 'u7',
  madeAt: NOW,
  retiredAt: null,
  ...values,
});
const info = (values: Partial<CrmWebhookInfo> = {}): CrmWebhookInfo => ({
  id: 7,
  url: URL,
  object: 'deal',
  action: 'change',
  active: true,
  user: 'u7',
  ownerId: 11,
  lastStatus: 200,
  lastDeliveryAt: NOW,
  ...values,
});

describe('isSound', () => {
  it('WH-10 wants it there, at the right address, not banned, and known here', () => {
    expect(isSound(row(), [info()], URL)).toBe(true);
    expect(isSound(row(), [info({ lastStatus: null })], URL)).toBe(true);
    for (const lastStatus of [302, 401, 429, 503])
      expect(isSound(row(), [info({ lastStatus })], URL), String(lastStatus)).toBe(false);
    expect(isSound(row(), [], URL)).toBe(false);
    expect(isSound(row(), [info({ url: `${URL}x` })], URL)).toBe(false);
    expect(isSound(row(), [info({ active: false })], URL)).toBe(false);
    expect(isSound(row(), [info({ action: 'create' })], URL)).toBe(false);
    expect(isSound(row({ retiredAt: NOW }), [info()], URL)).toBe(false);
  });
});

describe('judged', () => {
  const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
  const heardAt = (at: Date | null, object = 'deal'): Heard => ({
    of: new Map(at ? [[object, at] as const] : []),
    unknown: null,
    quarantinedAt: null,
  });
  const isCountedOn = (
    values: Partial<CrmWebhookInfo>,
    heard = heardAt(null),
    owners: readonly number[] | null = null,
  ) => judged(info(values), { heard, owners: owners && new Set(owners), refusedHere: false, now: NOW }).active;

  it('WH-10 counts on none whose last delivery got no answer and did not arrive', () => {
    const noAnswer = { lastStatus: null, lastDeliveryAt: ago(60) };
    expect(isCountedOn(noAnswer)).toBe(false);
    expect(isCountedOn(noAnswer, heardAt(ago(90)))).toBe(false);
    expect(isCountedOn(noAnswer, heardAt(ago(30), 'person'))).toBe(false);
    expect(isCountedOn(noAnswer, heardAt(ago(62)))).toBe(true);
    expect(isCountedOn(noAnswer, { of: new Map(), unknown: ago(60), quarantinedAt: null })).toBe(true);
    expect(isCountedOn({ lastStatus: 200, lastDeliveryAt: ago(60) })).toBe(true);
    expect(isCountedOn({ lastStatus: null, lastDeliveryAt: null })).toBe(true);
    // Of so long ago it is not known any more what was heard.
    expect(isCountedOn({ lastStatus: null, lastDeliveryAt: ago(14 * 24 * 60) })).toBe(true);
  });

  it('nor on one whose owner is no admin, where an admin’s access could make another', () => {
    expect(isCountedOn({ ownerId: 11 }, heardAt(NOW), [12])).toBe(false);
    expect(isCountedOn({ ownerId: 12 }, heardAt(NOW), [12])).toBe(true);
    expect(isCountedOn({ ownerId: null }, heardAt(NOW), [12])).toBe(true);
    expect(isCountedOn({ ownerId: 11 }, heardAt(NOW), null)).toBe(true);
  });

  it('one whose signatures are refused is no better made anew, unless its owner’s rights are gone too', () => {
    const banned = info({ lastStatus: 401, active: false, ownerId: 11, lastDeliveryAt: ago(5) });
    const isKept = (refusedHere: boolean, owner: number, values: Partial<CrmWebhookInfo> = {}) =>
      isSound(
        row(),
        [judged({ ...banned, ...values }, { heard: heardAt(null), owners: new Set([owner]), refusedHere, now: NOW })],
        URL,
      );
    expect(isKept(false, 11)).toBe(false);
    expect(isKept(true, 11)).toBe(true);
    expect(isKept(true, 12)).toBe(false);
    expect(isKept(true, 11, { lastStatus: 503 })).toBe(false);
  });

  it('is told at once only where somebody refuses who does not know the webhook', () => {
    const statuses = [null, 200, 204, 302, 401, 404, 408, 413, 429, 500, 503];
    expect(statuses.filter((lastStatus) => turnedAway(info({ lastStatus })) !== null)).toEqual([302, 401, 404, 413]);
  });
});

describe('missingKinds', () => {
  it('leaves out what is there and what was refused within the day', () => {
    const refusals = [
      { object: 'user', action: 'change', at: new Date('2026-11-24T08:00:00Z') },
      { object: 'user', action: 'create', at: new Date('2026-11-22T08:00:00Z') },
    ];
    const missing = missingKinds([row()], [info()], refusals, { url: URL, now: NOW });
    const names = missing.map(({ object, action }) => `${object}.${action}`);
    expect(names).toHaveLength(WEBHOOKS.length - 2);
    expect(names).not.toContain('deal.change');
    expect(names).not.toContain('user.change');
    expect(names).toContain('user.create');
  });
});

describe('unanswered', () => {
  const waiting = row({ webhookId: 0 });

  it('takes the one with its own credentials', () => {
    const present = [info({ id: 8, user: 'other' }), info({ id: 9 })];
    expect(unanswered([waiting], present, URL)).toEqual([{ row: waiting, id: 9 }]);
  });

  it('where Pipedrive does not show them, takes the only one there can be', () => {
    expect(unanswered([waiting], [info({ id: 8, user: null })], URL)).toEqual([{ row: waiting, id: 8 }]);
    const two = [info({ id: 8, user: null }), info({ id: 9, user: null })];
    expect(unanswered([waiting], two, URL)).toEqual([]);
    expect(unanswered([waiting, row({ webhookId: 0, user: 'u8' })], [info({ id: 8, user: null })], URL)).toEqual([]);
  });

  it('takes none of others, elsewhere, or known already', () => {
    expect(unanswered([waiting], [info({ id: 8, user: 'somebody' })], URL)).toEqual([]);
    expect(unanswered([waiting], [info({ id: 8, url: 'https://other.example' })], URL)).toEqual([]);
    expect(unanswered([waiting, row({ webhookId: 8, user: 'u8' })], [info({ id: 8 })], URL)).toEqual([]);
  });
});
