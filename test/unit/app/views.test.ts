import { describe, expect, it } from 'vitest';
import { documentLink, viewHandoff, viewSend } from '../../../server/app/handoff-view.ts';
import { createLastKnown } from '../../../server/app/panel/last-known.ts';
import type { ErpOrder } from '../../../server/app/ports/erp.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../server/app/ports/settings-store.ts';
import type { Principal } from '../../../server/app/principal.ts';
import { healthForVisitors, healthOf } from '../../../server/app/settings/health.ts';
import type { SettingsView } from '../../../server/contract/settings.ts';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { unknownTokens } from '../../support/token-views.ts';
import { aHandoff } from './a-handoff.ts';

const anOrder = (values: Partial<ErpOrder> = {}): ErpOrder => ({
  docEntry: 5,
  docNum: 1042,
  document: 'order',
  cardCode: 'C1',
  status: 'open',
  date: '2026-03-02',
  total: '238.00',
  currency: 'EUR',
  key: 'PD7-0123456789abcdef',
  lines: [],
  ...values,
});
const rep: Principal = {
  installationId: installationId('00000000-0000-4000-8000-000000000009'),
  companyId: '1001',
  userId: 12,
  isAdmin: false,
};
const agreed: Settings = { ...DEFAULT_SETTINGS, erpFieldAgreed: true };

const AGREED = {
  crmFields: true,
  erpField: true,
  erpLedger: false,
  erpChangesAt: null,
  keyField: true,
  crmFieldPlan: { fields: [], room: null },
};

const DRAFT: OrderDraft = {
  cardCode: 'C20000',
  documentDate: '2026-03-02',
  dueDate: '2026-03-16',
  currency: 'EUR',
  comments: '',
  lines: [],
};

describe('viewHandoff', () => {
  const posted = aHandoff({ state: 'posted', docEntry: 5, docNum: 1042, document: 'order' });

  it.each([
    ['pending', 'On its way'],
    ['posting', 'Being written'],
    ['unconfirmed', 'nothing is sent twice'],
    ['needs_attention', 'corrected'],
    ['cancelled', 'Called off'],
  ] as const)('%s is said in words', (state, words) => {
    const view = viewHandoff(aHandoff({ state }), undefined, null);
    expect(view.sentence).toContain(words);
    expect(view).toMatchObject({ docNum: null, documentStatus: null, total: null, link: null });
  });

  it('shows the document as SAP has it now', () => {
    expect(viewHandoff(posted, anOrder(), null)).toMatchObject({
      sentence: 'Sales order 1042 is in SAP.',
      documentStatus: 'open',
      total: { amount: '238.00', currency: 'EUR' },
    });
    expect(viewHandoff(posted, anOrder({ status: 'cancelled' }), null).sentence).toContain('was cancelled in SAP');
    expect(viewHandoff(posted, undefined, null)).toMatchObject({
      sentence: 'Sales order 1042 is in SAP.',
      documentStatus: null,
    });
  });

  it('a draft waits for its approver, or was turned down', () => {
    const draft = { ...posted, document: 'draft' as const };
    expect(viewHandoff(draft, anOrder({ document: 'draft', status: 'waiting_for_approval' }), null).sentence).toBe(
      'Waiting for approval in SAP as draft 1042.',
    );
    expect(viewHandoff(draft, anOrder({ document: 'draft', status: 'rejected' }), null).sentence).toContain('turned');
  });

  it('links into the Web Client only where its address and a document are known', () => {
    expect(documentLink(posted, 'https://sap.example/')).toBe(
      'https://sap.example/#webclient-ORDR&/Objects/ORDR/5/Detail',
    );
    expect(documentLink({ docEntry: 5, document: 'draft' }, 'https://sap.example')).toContain('/ODRF/5/');
    expect(documentLink(posted, null)).toBeNull();
    expect(documentLink({ docEntry: null, document: null }, 'https://sap.example')).toBeNull();
  });
});

describe('viewSend', () => {
  const send = (...args: Parameters<typeof viewSend>) => viewSend(...args).action;

  it('offers to send a deal that was never sent, with what will stand in the way', () => {
    const problem = { code: 'no_lines', message: 'The deal has no products.' };
    expect(viewSend([], [problem], rep, agreed)).toMatchObject({ action: 'send', problems: [problem] });
    expect(send([aHandoff({ state: 'cancelled' })], [], rep, agreed)).toBe('send');
  });

  it('without the key field nothing can be sent, and the reason is given', () => {
    expect(viewSend([], [], rep, DEFAULT_SETTINGS)).toMatchObject({ action: 'not_allowed' });
    expect(viewSend([], [], rep, DEFAULT_SETTINGS).reason).toContain('key field');
  });

  it('admins alone may send where that is the setting', () => {
    const settings: Settings = { ...agreed, whoMaySend: 'admins' };
    expect(send([], [], rep, settings)).toBe('not_allowed');
    expect(send([], [], { ...rep, isAdmin: true }, settings)).toBe('send');
  });

  it.each(['pending', 'posting', 'unconfirmed'] as const)('%s waits', (state) => {
    expect(send([aHandoff({ state, draft: DRAFT })], [], rep, agreed)).toBe('wait');
  });

  it('a won deal that is only on record can be sent by a person', () => {
    expect(send([aHandoff({ state: 'pending', draft: null })], [], rep, agreed)).toBe('send');
  });

  it('offers to check again what was refused, with its reasons', () => {
    const problems = [{ code: 'no_item', message: 'No item.' }];
    expect(viewSend([aHandoff({ state: 'needs_attention', problems })], [], rep, agreed)).toMatchObject({
      action: 'check_again',
      problems,
    });
  });

  it('is done once the document is in SAP, for everybody', () => {
    const posted = aHandoff({ state: 'written_back', docEntry: 5, docNum: 1042, document: 'order' });
    expect(viewSend([posted], [], rep, { ...agreed, whoMaySend: 'admins' })).toMatchObject({
      action: 'done',
      label: 'In SAP: order 1042',
    });
  });
});

describe('createLastKnown', () => {
  it('shows what is new, then what was known with its age, then why there is nothing', async () => {
    const clock = movableClock();
    const { section } = createLastKnown(clock);
    const away = () => Promise.reject(new UnavailableError('away'));
    expect(await section('a', away())).toEqual({
      status: 'unavailable',
      reason: 'SAP did not answer. Try again in a minute.',
    });
    const then = clock.now().toISOString();
    expect(await section('a', Promise.resolve(1))).toEqual({ status: 'ready', data: 1, asOf: then });
    clock.advance(60_000);
    expect(await section('a', away())).toMatchObject({ status: 'stale', data: 1, asOf: then });
    expect(await section('b', away())).toMatchObject({ status: 'unavailable' });
  });

  it('tells SAP’s words and a deadline apart, and hides no defect', async () => {
    const { section } = createLastKnown(movableClock());
    const refusal = new RejectedError({ system: 'sap', code: '-1', words: 'No rate', message: 'SAP refused: No rate' });
    expect(await section('a', Promise.reject(refusal))).toMatchObject({ reason: 'SAP refused: No rate' });
    expect(
      await section('a', Promise.reject(AbortSignal.timeout(0).reason ?? new DOMException('late', 'TimeoutError'))),
    ).toMatchObject({
      reason: 'SAP did not answer in time.',
    });
    await expect(section('a', Promise.reject(new TypeError('defect')))).rejects.toThrow('defect');
  });

  it('SE-20 forgets what is an hour old, also where nobody asks', async () => {
    for (const asks of [true, false]) {
      const clock = movableClock();
      const { section, forgetOld } = createLastKnown(clock);
      const away = () => Promise.reject(new UnavailableError('away'));
      await section('a', Promise.resolve(1));
      clock.advance(59 * 60_000);
      await section('b', Promise.resolve(2));
      expect(await section('a', away())).toMatchObject({ status: 'stale' });
      clock.advance(60_000);
      if (!asks) {
        forgetOld();
        clock.advance(-60_000);
      }
      expect(await section('a', away())).toMatchObject({ status: 'unavailable' });
      expect(await section('b', away())).toMatchObject({ status: 'stale' });
    }
  });

  it('forgets the oldest rather than growing for ever', async () => {
    const { section } = createLastKnown(movableClock());
    for (let key = 0; key <= 5_000; key += 1) await section(String(key), Promise.resolve(key));
    const away = () => Promise.reject(new UnavailableError('away'));
    expect(await section('0', away())).toMatchObject({ status: 'unavailable' });
    expect(await section('5000', away())).toMatchObject({ status: 'stale' });
  });
});

describe('healthOf', () => {
  type View = Omit<SettingsView, 'health'>;
  const connection: NonNullable<View['connection']> = {
    id: 'c',
    address: 'https://sap.example/b1s/v2',
    companyDb: 'NORD',
    companyName: 'Nordlicht',
    userName: 'orderline',
    state: 'connected',
    trust: { kind: 'public', slots: [], authority: null, servedValidTo: null },
    proxy: null,
  };
  const progress = { expected: 1, read: 1, written: 1, unchanged: 0, waiting: 0, finishedAt: null };
  const view = (values: Partial<View> = {}): View => ({
    companyName: 'Nordlicht',
    mayChange: true,
    pipedrive: { state: 'connected', reconnectUrl: 'https://app.example/oauth/install' },
    connection,
    consent: AGREED,
    handoff: { enabled: true, startsAt: null, ready: true, notReadyReason: null },
    preferences: { webClientUrl: null, priceList: null, priceLists: [] },
    firstLoad: { quote: null, streams: [{ stream: 'partners', state: 'done', ...progress }] },
    tokens: unknownTokens(),
    notifications: { signature: 'if-present', recent: { of: 0, signed: 0 }, renewing: false },
    findings: { open: 0, list: [] },
    myAccess: 'ok',
    people: { installed: [], refused: [], notInstalled: [], installUrl: 'https://app.example/oauth/install' },
    ...values,
  });

  it.each([
    ['all is well', view(), 'good', 'All is well.'],
    ['Pipedrive', view({ pipedrive: { state: 'reconnect', reconnectUrl: 'x' } }), 'bad', 'Reconnect'],
    ['password', view({ connection: { ...connection, state: 'password_refused' } }), 'bad', 'password'],
    ['certificate', view({ connection: { ...connection, state: 'certificate_changed' } }), 'bad', 'certificate'],
    ['one finding', view({ findings: { open: 1, list: [] } }), 'warning', 'One thing needs a look.'],
    [
      'budget',
      view({ tokens: { ...unknownTokens(), shut: { reason: 'day', until: '2026-11-24T12:00:00.000Z' } } }),
      'warning',
      'budget is used up',
    ],
    [
      'floor',
      view({ tokens: { ...unknownTokens(), remaining: 5_900, keptForOrders: 6_000 }, findings: { open: 1, list: [] } }),
      'warning',
      'kept for orders. Panels and order status wait; orders go on.',
    ],
    [
      'a panel’s worth above the floor',
      view({ tokens: { ...unknownTokens(), remaining: 6_011, keptForOrders: 6_000 } }),
      'good',
      'All',
    ],
    [
      'less than that',
      view({ tokens: { ...unknownTokens(), remaining: 6_010, keptForOrders: 6_000 } }),
      'warning',
      'wait',
    ],
    [
      'nothing left',
      view({ tokens: { ...unknownTokens(), remaining: 0, keptForOrders: 6_000 } }),
      'warning',
      'still tried',
    ],
    [
      'guard',
      view({ tokens: { ...unknownTokens(), shut: { reason: 'guard', until: '2026-11-24T12:00:00.000Z' } } }),
      'warning',
      'own protection keeps this app out',
    ],
    ['findings', view({ findings: { open: 3, list: [] } }), 'warning', '3 things need a look.'],
    ['no connection', view({ connection: null, findings: { open: 2, list: [] } }), 'setup', 'Connect SAP'],
    ['no consent', view({ consent: { ...AGREED, erpField: false } }), 'setup', 'agree'],
    [
      'switched off',
      view({ handoff: { enabled: false, startsAt: null, ready: true, notReadyReason: null } }),
      'setup',
      'reps can send',
    ],
    [
      'loading',
      view({ firstLoad: { quote: null, streams: [{ stream: 'items', state: 'writing', ...progress }] } }),
      'good',
      'still arriving',
    ],
  ] as const)('%s', (_what, given, tone, words) => {
    const health = healthOf(given);
    expect(health.tone).toBe(tone);
    expect(health.sentence).toContain(words);
  });

  it('the worst comes first', () => {
    const both = view({
      pipedrive: { state: 'reconnect', reconnectUrl: 'x' },
      connection: { ...connection, state: 'password_refused' },
      findings: { open: 4, list: [] },
    });
    expect(healthOf(both).sentence).toContain('Pipedrive');
  });

  it('names whose access serves where that is no admin’s', () => {
    const health = healthOf(view({ findings: { open: 1, list: [] } }), { onlySees: 'Rolf' });
    expect(health).toMatchObject({ tone: 'warning', sentence: expect.stringContaining('it sees only what Rolf sees') });
  });

  it('tells people who are no admins nothing that only admins see, and nothing that they could not put right', () => {
    const told = (given: View) => healthForVisitors(healthOf(given), given).sentence;
    expect(told(view())).toBe('All is well.');
    expect(told(view({ connection: { ...connection, state: 'password_refused' } }))).not.toMatch(/password|below/);
    expect(told(view({ findings: { open: 3, list: [] } }))).not.toContain('3');
    expect(told(view({ myAccess: 'refused' }))).toBe('Pipedrive no longer accepts this app for you.');
    expect(told(view({ connection: null }))).toBe('An admin of Pipedrive is still setting this app up.');
    expect(told(view({ pipedrive: { state: 'reconnect', reconnectUrl: 'x' } }))).toContain('Reconnect it');
    expect(told(view({ tokens: { ...unknownTokens(), remaining: 100, keptForOrders: 6_000 } }))).toContain(
      'Panels and',
    );
  });
});
