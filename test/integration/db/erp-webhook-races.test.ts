import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeEnsureErpWebhook } from '../../../server/app/erp-events/ensure-erp-webhook.ts';
import { makeSwitchErpWebhook } from '../../../server/app/erp-events/switch-erp-webhook.ts';
import type { ErpEvents, ErpSubscription } from '../../../server/app/ports/erp-events.ts';
import type { Job } from '../../../server/app/ports/job-queue.ts';
import type { Principal } from '../../../server/app/principal.ts';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { createErpWebhookStore } from '../../../server/db/erp-webhook-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { settingsStore } from '../../../server/db/settings-store.ts';
import { RejectedError } from '../../../server/kernel/errors.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const clock = movableClock();
const never = new AbortController().signal;
let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
/** What lies in SAP, by id. */
let inSap: Map<string, ErpSubscription>;
/** What happens while SAP is busy with a call. */
let meanwhile: Partial<Record<'create' | 'delete', () => Promise<unknown>>>;
/** Why SAP refuses a look, or a subscription by its kind of proof. */
let refusals: Partial<Record<'find' | 'hmac' | 'basic', (url: string) => string>>;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
  inSap = new Map();
  meanwhile = {};
  refusals = {};
});
afterAll(() => database.drop());

/** Runs once: the second call of its kind finds nothing more to happen. */
async function happen(kind: 'create' | 'delete'): Promise<void> {
  const { [kind]: what } = meanwhile;
  delete meanwhile[kind];
  await what?.();
}

function refuse(what: 'find' | 'hmac' | 'basic', url: string): void {
  const words = refusals[what]?.(url);
  if (words !== undefined) throw new RejectedError({ system: 'sap', code: '-1', words, message: words });
}

const erpEvents: ErpEvents = {
  hasEvents: async () => true,
  async findSubscription(_caller, webhookId) {
    refuse('find', '');
    return inSap.get(webhookId);
  },
  async createSubscription(_caller, webhookId, url, { auth }) {
    await happen('create');
    refuse(auth, url);
    inSap.set(webhookId, { webhookId, url, state: 'Active' });
  },
  resumeSubscription: async () => undefined,
  async deleteSubscription(_caller, webhookId) {
    await happen('delete');
    inSap.delete(webhookId);
  },
};

const jobs = { enqueueWithin: async (_tx: unknown, _job: Job) => undefined };

function deps() {
  return {
    clock,
    publicUrl: 'https://app.example',
    unitOfWork: world.unitOfWork,
    installations: createInstallationStore(world.vault),
    connections: createConnectionStore(world.vault),
    settings: settingsStore,
    erpWebhooks: createErpWebhookStore(world.vault),
    erpEvents,
    findings: findingStore,
    audit: createAuditLog(world.vault),
    jobs,
  };
}

const ensure = () => makeEnsureErpWebhook(deps())(tenant.id, tenant.connectionId, never);
const admin = (): Principal => ({ installationId: tenant.id, companyId: tenant.companyId, userId: 1, isAdmin: true });
const switchTo = (enabled: boolean) => makeSwitchErpWebhook(deps()).switchErpWebhook(admin(), enabled, 'request-1');
const leave = () => makeSwitchErpWebhook(deps()).leave(tenant.id, never);
const view = () => makeSwitchErpWebhook(deps()).viewErpWebhook(admin());
const stored = () => tenant.within((tx) => deps().erpWebhooks.find(tx, tenant.connectionId));

describe("SAP's events, switched while a job is at work", () => {
  it('stay off when they are switched off while SAP makes the subscription', async () => {
    await switchTo(true);
    meanwhile.create = () => switchTo(false);
    await ensure();
    expect((await view()).state).toBe('off');
    await ensure();
    expect([...inSap.keys()]).toEqual([]);
    expect(await stored()).toBeUndefined();
  });

  it('stay off when SAP then refuses what is wanted no more', async () => {
    await switchTo(true);
    meanwhile.create = () => switchTo(false);
    refusals.hmac = () => 'Webhooks are not enabled';
    await ensure();
    expect((await view()).state).toBe('off');
  });

  it('stay off when SAP takes no HMAC, and the switch comes before the second try', async () => {
    await switchTo(true);
    meanwhile.create = () => switchTo(false);
    refusals.hmac = () => 'Unsupported authentication type';
    await ensure();
    expect((await view()).state).toBe('off');
    expect([...inSap.keys()]).toEqual([]);
  });

  it('stay on when they are switched on again while the old subscription is taken away', async () => {
    await switchTo(true);
    await ensure();
    await switchTo(false);
    meanwhile.delete = () => switchTo(true);
    await ensure();
    expect((await view()).state).toBe('waiting');
    await ensure();
    expect((await view()).state).toBe('on');
    expect([...inSap.keys()]).toHaveLength(1);
  });

  it('leave nothing in SAP when it is disconnected while the subscription is made', async () => {
    await switchTo(true);
    meanwhile.create = leave;
    await ensure();
    expect([...inSap.keys()]).toEqual([]);
  });

  it('do not call a subscription of an old address the new one', async () => {
    await switchTo(true);
    meanwhile.create = async () => {
      await switchTo(false);
      await switchTo(true);
    };
    await ensure();
    expect((await view()).state).toBe('waiting');
    await ensure();
    const address = (await stored())?.secret.reveal() ?? 'none';
    expect([...inSap.values()].map(({ url }) => url)).toEqual([`https://app.example/webhooks/sap/${address}`]);
  });
});

describe('what SAP refuses', () => {
  it('is said at once when it takes neither way of proof', async () => {
    await switchTo(true);
    refusals.hmac = () => 'Unsupported authentication type';
    refusals.basic = () => 'Webhooks are not enabled';
    await ensure();
    expect(await view()).toMatchObject({ state: 'refused', words: 'Webhooks are not enabled' });
  });

  it('does not change the proof of a subscription that SAP has already agreed to', async () => {
    await switchTo(true);
    await ensure();
    refusals.find = () => 'The authentication of the user could not be checked';
    await ensure();
    refusals = {};
    await ensure();
    expect(await stored()).toMatchObject({ auth: 'hmac' });
  });

  it('is told without the secret address that SAP may name', async () => {
    await switchTo(true);
    const secret = (await stored())?.secret.reveal() ?? 'none';
    refusals.hmac = (url) => `Handshake with ${url} failed: host unreachable`;
    await ensure();
    const { words } = await view();
    expect(words).toContain('host unreachable');
    expect(words).not.toContain(secret);
    const rows = await tenant.within((tx) => findingStore.listOpen(tx, 10));
    expect(JSON.stringify(rows)).toContain('host unreachable');
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
