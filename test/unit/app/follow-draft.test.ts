import { beforeEach, describe, expect, it } from 'vitest';
import { type FollowDraftDeps, makeFollowDraft } from '../../../server/app/order-handoff/follow-draft.ts';
import type { CrmDeal } from '../../../server/app/ports/crm.ts';
import type { ErpOrder } from '../../../server/app/ports/erp.ts';
import type { ErpApproval } from '../../../server/app/ports/erp-documents.ts';
import type { Finding } from '../../../server/app/ports/finding-store.ts';
import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import type { Connection } from '../../../server/app/ports/installation-store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../server/app/ports/settings-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import {
  ForbiddenError,
  NotFoundError,
  OutcomeUnknownError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { aHandoff } from './a-handoff.ts';

const ID = installationId('00000000-0000-4000-8000-00000000000a');
const NOW = new Date('2026-03-02T09:00:00Z');
const MINUTE = 60_000;
const AGREED: Settings = { ...DEFAULT_SETTINGS, erpFieldAgreed: true };
const SIGNAL = new AbortController().signal;
const refusal = new RejectedError({ system: 'sap', code: '-5002', words: 'no', message: 'SAP refused it: no' });

/** What SAP and our own rows hold, and what was done. */
interface World {
  row: Handoff;
  found: readonly ErpOrder[];
  approval: ErpApproval | undefined | Error;
  turned: ErpOrder | Error;
  deal: CrmDeal | Error;
  settings: Settings;
  connectionStatus: Connection['status'];
  readonly turns: { draftEntry: number; writeBefore: Date | undefined }[];
  readonly findings: Pick<Finding, 'kind' | 'message'>[];
  readonly resolved: string[];
  readonly jobs: string[];
  readonly verbs: string[];
}

const A_DEAL: CrmDeal = {
  id: 7,
  title: 'Desks',
  status: 'won',
  isDeleted: false,
  isArchived: false,
  wonAt: NOW,
  organizationId: 1,
  personId: null,
  ownerId: null,
  currency: 'EUR',
  value: '100',
  expectedCloseDate: null,
  updateTime: '2026-03-02T08:00:00Z',
  customFields: {},
};

/** One draft that waits. */
function aWorld(): World {
  const draft = {
    cardCode: 'C1',
    documentDate: '2026-03-02',
    dueDate: '2026-03-09',
    currency: 'EUR',
    comments: '',
    lines: [],
  };
  return {
    row: aHandoff({ state: 'written_back', document: 'draft', docEntry: 5, docNum: 5, draft }),
    found: [aDraft()],
    approval: undefined,
    turned: aDraft({ document: 'order', status: 'open', docEntry: 9, docNum: 30_009 }),
    deal: A_DEAL,
    settings: AGREED,
    connectionStatus: 'active',
    turns: [],
    findings: [],
    resolved: [],
    jobs: [],
    verbs: [],
  };
}

function depsOf(state: World): FollowDraftDeps {
  return {
    clock: { now: () => NOW },
    unitOfWork: { within: (id, work) => work({ installationId: id } as Tx) },
    installations: {
      get: async () => ({
        id: ID,
        companyId: '1',
        companyName: '',
        apiDomain: '',
        status: 'active',
        installedAt: NOW,
        signature: 'if-present',
      }),
    },
    connections: { list: async () => [aConnection(state)] },
    settings: { get: async () => ({ version: 1, settings: state.settings }) },
    handoffs: {
      async takeDraft(_tx, _id, now, until) {
        if (state.row.document !== 'draft' || (state.row.settleAt && state.row.settleAt > now)) return undefined;
        state.row = { ...state.row, settleAt: until };
        return state.row;
      },
      async draftBecameOrder(_tx, _handoff, { docEntry, docNum }) {
        if (state.row.document !== 'draft') return false;
        state.row = {
          ...state.row,
          docEntry,
          docNum,
          document: 'order',
          state: 'posted',
          problems: [],
          settleAt: null,
        };
        return true;
      },
      async leaveDraft(_tx, _taken, problems, again) {
        const same = JSON.stringify(problems) === JSON.stringify(state.row.problems);
        state.row = { ...state.row, problems, settleAt: again, state: same ? state.row.state : 'posted' };
      },
      find: async () => state.row,
    },
    lineDetails: { save: async () => undefined },
    findings: {
      raise: async (_tx, finding) => void state.findings.push(finding),
      resolve: async (_tx, kind) => void state.resolved.push(kind),
    },
    jobs: { enqueueWithin: async (_tx, { task }) => void state.jobs.push(task) },
    audit: { append: async (_tx, { verb }) => void state.verbs.push(verb) },
    crm: {
      async getDeal() {
        if (state.deal instanceof Error) throw state.deal;
        return state.deal;
      },
      findArchivedDeal: async () => undefined,
    },
    erp: {
      findOrdersByKey: async () => state.found,
      async findApproval() {
        if (state.approval instanceof Error) throw state.approval;
        return state.approval;
      },
      async turnDraftIntoOrder({ writeBefore }, draftEntry) {
        state.turns.push({ draftEntry, writeBefore });
        if (state.turned instanceof Error) throw state.turned;
        return state.turned;
      },
    },
  };
}

function aConnection({ row, connectionStatus }: World): Connection {
  return {
    id: row.connectionId,
    label: 'Nordlicht',
    address: 'https://sap.example:50000/b1s/v2',
    companyDb: 'NORDLICHT',
    userName: 'manager',
    trust: { kind: 'public' },
    status: connectionStatus,
    refusedPasswords: 0,
    timeZone: 'Europe/Berlin',
    localCurrency: 'EUR',
    proxy: null,
    look: null,
  };
}

function aDraft(values: Partial<ErpOrder> = {}): ErpOrder {
  return {
    docEntry: 5,
    docNum: 5,
    document: 'draft',
    cardCode: 'C1',
    status: 'waiting_for_approval',
    date: '2026-03-02',
    total: '10',
    currency: 'EUR',
    key: 'PD7-0123456789abcdef',
    lines: [],
    ...values,
  };
}

let state = aWorld();
beforeEach(() => {
  state = aWorld();
});
const follow = () => makeFollowDraft(depsOf(state))(ID, state.row.id, SIGNAL);
const waits = () => ((state.row.settleAt?.getTime() ?? 0) - NOW.getTime()) / MINUTE;

describe('following a draft', () => {
  it('leaves one that waits for the next sweep', async () => {
    await follow();
    expect(state.row).toMatchObject({ document: 'draft', state: 'written_back', problems: [] });
    expect(waits()).toBe(0);
    expect(state.turns).toEqual([]);
  });

  it('turns an approved one, in the time that its look still has, and writes the order back', async () => {
    state.found = [aDraft({ status: 'approved' })];
    await follow();
    expect(state.turns).toEqual([{ draftEntry: 5, writeBefore: new Date(NOW.getTime() + 50_000) }]);
    expect(state.row).toMatchObject({ document: 'order', docEntry: 9, docNum: 30_009 });
    expect(state.jobs).toEqual(['order.write-back']);
    expect(state.verbs).toEqual(['handoff_draft_turning', 'handoff_became_order']);
  });

  it.each(['lost', 'open', 'deleted'] as const)('EO-11 makes no order where the deal is %s by then', async (status) => {
    state.found = [aDraft({ status: 'approved' })];
    state.deal = { ...A_DEAL, status };
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.row.problems).toMatchObject([{ code: 'deal_not_won' }]);
    expect(state.findings).toHaveLength(1);
    state.deal = A_DEAL;
    state.row = { ...state.row, settleAt: null };
    await follow();
    expect(state.turns).toHaveLength(1);
  });

  it('makes no order for a deal that cannot be read any more', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.deal = new NotFoundError('gone');
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.row.problems).toMatchObject([{ code: 'deal_not_visible' }]);
  });

  it('goes on with what a person sent, whatever became of the deal', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.row = { ...state.row, trigger: 'person' };
    state.deal = { ...A_DEAL, status: 'open' };
    await follow();
    expect(state.turns).toHaveLength(1);
  });

  it('leaves it to the approver where the admin wants that', async () => {
    state.settings = { ...AGREED, approvedDrafts: 'left_to_the_approver' };
    state.found = [aDraft({ status: 'approved' })];
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.row.problems).toMatchObject([{ code: 'left_to_approver' }]);
    expect(state.findings).toEqual([]);
    expect(waits()).toBe(0);
  });

  it('leaves it to the approver where the admin took the consent to the key field back', async () => {
    state.settings = DEFAULT_SETTINGS;
    state.found = [aDraft({ status: 'approved' })];
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.row.problems).toMatchObject([{ code: 'left_to_approver' }]);
  });

  it('turns nothing that another look has taken', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.row = { ...state.row, settleAt: new Date(NOW.getTime() + MINUTE) };
    await follow();
    expect(state.turns).toEqual([]);
  });

  it('5.8.14 turns nothing where SAP has two documents of one key, and tells a person', async () => {
    state.found = [aDraft({ status: 'approved' }), aDraft({ status: 'approved', docEntry: 6, docNum: 6 })];
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.findings).toMatchObject([{ kind: 'order_duplicate' }]);
    expect(waits()).toBe(60);
  });

  it('5.8.15 what was cancelled beside it does not count', async () => {
    state.found = [aDraft({ document: 'order', status: 'cancelled', docEntry: 3 }), aDraft({ status: 'approved' })];
    await follow();
    expect(state.turns).toMatchObject([{ draftEntry: 5 }]);
  });

  it('5.8.16 does not take an order under another customer for this deal’s', async () => {
    state.found = [aDraft({ document: 'order', status: 'open', cardCode: 'C2' })];
    await follow();
    expect(state.row).toMatchObject({ document: 'draft', problems: [{ code: 'other_customer' }] });
    expect(state.findings).toMatchObject([{ kind: 'order_refused' }]);
  });

  it('5.8.14 shows the order where a draft of the same key waits beside it, and tells a person', async () => {
    state.found = [aDraft({ document: 'order', status: 'open', docEntry: 9, docNum: 30_009 }), aDraft()];
    await follow();
    expect(state.turns).toEqual([]);
    expect(state.row).toMatchObject({ document: 'order', docEntry: 9 });
    expect(state.findings).toMatchObject([{ kind: 'order_duplicate' }]);
  });

  it('takes the order that was entered after the draft had been turned down', async () => {
    state.found = [
      aDraft({ document: 'order', status: 'open', docEntry: 9, docNum: 30_009 }),
      aDraft({ status: 'rejected' }),
    ];
    await follow();
    expect(state.row).toMatchObject({ document: 'order', docEntry: 9 });
    expect(state.findings).toEqual([]);
  });

  it('5.8.15 tells a person when the order from it was cancelled in SAP meanwhile', async () => {
    state.found = [aDraft({ document: 'order', status: 'cancelled', docEntry: 9, docNum: 30_009 })];
    await follow();
    expect(state.row).toMatchObject({ document: 'order', docEntry: 9 });
    expect(state.findings).toMatchObject([
      { kind: 'order_refused', message: expect.stringContaining('30009 of this deal was cancelled') },
    ]);
  });

  it('tells a person when it became an order that does not carry its key', async () => {
    state.found = [aDraft({ status: 'closed' })];
    await follow();
    expect(state.row.problems).toMatchObject([{ code: 'draft_closed' }]);
    expect(state.findings).toMatchObject([{ kind: 'order_refused' }]);
    expect(waits()).toBe(60);
  });

  it('takes back what it told when the draft is approved after all and left to the approver', async () => {
    state.settings = { ...AGREED, approvedDrafts: 'left_to_the_approver' };
    state.row = { ...state.row, problems: [{ code: 'approval_refused', message: 'x' }] };
    state.found = [aDraft({ status: 'approved' })];
    await follow();
    expect(state.resolved).toEqual(['order_refused']);
  });

  it('says that it is gone, once', async () => {
    state.found = [];
    await follow();
    state.row = { ...state.row, settleAt: null };
    await follow();
    expect(state.row.problems).toMatchObject([{ code: 'draft_gone' }]);
    expect(state.findings).toHaveLength(1);
  });

  it.each([
    [undefined, ''],
    [{ code: 1, draftEntry: 5, state: 'rejected', words: 'Limit zu hoch' } as const, ' They say: Limit zu hoch'],
    [new ForbiddenError('no right'), ''],
  ])('says that it was turned down, with the approver’s words where they can be read', async (approval, words) => {
    state.found = [aDraft({ status: 'rejected' })];
    state.approval = approval;
    await follow();
    expect(state.row.problems).toEqual([
      { code: 'approval_refused', message: `SAP’s approver turned draft 5 down.${words}` },
    ]);
    expect(waits()).toBe(60);
  });

  it('forgets what stood against it when it waits again', async () => {
    state.row = { ...state.row, problems: [{ code: 'approval_refused', message: 'x' }] };
    await follow();
    expect(state.row).toMatchObject({ problems: [], state: 'posted' });
    expect(state.resolved).toEqual(['order_refused']);
    expect(state.jobs).toEqual(['order.write-back']);
  });

  it('is a person’s matter when SAP refuses to make the order', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.turned = refusal;
    await follow();
    expect(state.row.problems).toMatchObject([{ code: 'sap_-5002' }]);
    expect(waits()).toBe(60);
  });

  it('keeps everybody away until SAP has settled when the outcome is not known', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.turned = new OutcomeUnknownError('silence');
    await follow();
    expect(waits()).toBe(4.5);
    await follow();
    expect(state.turns).toHaveLength(1);
  });

  it('comes back soon when it is proven that nothing was done', async () => {
    state.found = [aDraft({ status: 'approved' })];
    state.turned = new UnavailableError('not now');
    await expect(follow()).rejects.toBe(state.turned);
    expect(waits()).toBe(0);
  });

  it('asks nothing while the connection waits for a person', async () => {
    state.connectionStatus = 'password_refused';
    state.found = [aDraft({ status: 'approved' })];
    await follow();
    expect(state.turns).toEqual([]);
    expect(waits()).toBe(0);
  });
});
