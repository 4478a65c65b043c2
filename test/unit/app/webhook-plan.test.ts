import { describe, expect, it } from 'vitest';
import { isSound, missingKinds, unanswered, WEBHOOKS } from '../../../server/app/install/webhook-plan.ts';
import type { CrmWebhookInfo } from '../../../server/app/ports/crm.ts';
import type { CrmWebhook } from '../../../server/app/ports/delivery-store.ts';

const URL = 'https://app.example/webhooks/pipedrive/secret';
const NOW = new Date('2026-11-24T09:00:00Z');

const row = (values: Partial<CrmWebhook> = {}): CrmWebhook => ({
  webhookId: 7,
  object: 'deal',
  action: 'change',
  user: 'u7',
  password: { reveal: () => 'p7', toString: () => '', toJSON: () => '' } as unknown as CrmWebhook['password'],
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
  lastStatus: 200,
  ...values,
});

describe('isSound', () => {
  it('WH-10 wants it there, at the right address, not banned, and known here', () => {
    expect(isSound(row(), [info()], URL)).toBe(true);
    expect(isSound(row(), [info({ lastStatus: null })], URL)).toBe(true);
    expect(isSound(row(), [info({ lastStatus: 503 })], URL)).toBe(true);
    expect(isSound(row(), [], URL)).toBe(false);
    expect(isSound(row(), [info({ url: `${URL}x` })], URL)).toBe(false);
    expect(isSound(row(), [info({ active: false })], URL)).toBe(false);
    expect(isSound(row(), [info({ lastStatus: 401 })], URL)).toBe(false);
    expect(isSound(row(), [info({ action: 'create' })], URL)).toBe(false);
    expect(isSound(row({ retiredAt: NOW }), [info()], URL)).toBe(false);
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
