import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeAnswerHandshake } from '../../../server/app/erp-events/answer-handshake.ts';
import type { ErpProof } from '../../../server/app/erp-events/find-caller.ts';
import { makeReceiveErpEvents } from '../../../server/app/erp-events/receive-erp-events.ts';
import type { Job } from '../../../server/app/ports/job-queue.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { createErpWebhookStore } from '../../../server/db/erp-webhook-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const KEY = 'hmac-key-of-this-subscription';
const clock = movableClock();
let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let queued: Job[];
let secret: string;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
  queued = [];
  secret = `${tenant.companyId}-${'s'.repeat(43)}`;
  await subscribe(tenant, secret);
});
afterAll(() => database.drop());

function deps() {
  return {
    clock,
    unitOfWork: world.unitOfWork,
    directory: createTenantDirectory(database.db),
    installations: createInstallationStore(world.vault),
    connections: createConnectionStore(world.vault),
    erpWebhooks: createErpWebhookStore(world.vault),
    jobs: {
      async enqueueWithin(_tx: unknown, job: Job) {
        queued.push(job);
      },
    },
  };
}

async function subscribe(to: Tenant, path: string, auth: 'hmac' | 'basic' = 'hmac'): Promise<void> {
  const values = { webhookId: 'orderline-1', secret: path, auth, credential: KEY };
  await to.within((tx) => deps().erpWebhooks.save(tx, to.connectionId, values));
}

const event = (id: string, type = 'sap.b1.Items.Updated.v1', changes = {}) => ({
  id,
  type,
  source: '/default/sap.b1/DESK',
  time: clock.now().toISOString(),
  ...changes,
});

function signed(body: unknown, key = KEY): Pick<ErpProof, 'signature' | 'signed' | 'authorization'> {
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    signed: bytes,
    signature: createHmac('sha256', key).update(bytes).digest('base64'),
    authorization: undefined,
  };
}

const receive = (body: unknown, changes: Partial<ErpProof> = {}) =>
  makeReceiveErpEvents(deps())({ secret, ...signed(body), ...changes });
const streams = () => queued.map(({ payload }) => (payload as { stream?: string }).stream);

describe('events of SAP', () => {
  it('pull the poll of their streams forward, once a delivery', async () => {
    const body = [event('1'), event('2'), event('3', 'sap.b1.BusinessPartners.Created.v1')];
    expect(await receive(body)).toBe('accepted');
    expect(streams().sort()).toEqual(['items', 'partners']);
    expect(queued[0]).toMatchObject({ task: 'sync.inbound', payload: { connectionId: tenant.connectionId } });
  });

  it('WH-06 do nothing when they come again, alone or among others', async () => {
    await receive([event('1')]);
    await receive([event('1')]);
    await receive([event('1'), event('2', 'sap.b1.Invoices.Created.v1')]);
    expect(streams()).toEqual(['items', 'credit']);
  });

  it('WH-06 have one effect when twenty copies arrive at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => receive([event('1')])));
    expect(streams()).toEqual(['items']);
  });

  it.each([
    ['a wrong key', () => signed([event('1')], 'another key')],
    ['no signature', () => ({ signature: undefined })],
    ['another body under the signature', () => ({ signed: Buffer.from('[]') })],
    ['half a signature', () => ({ signature: signed([event('1')]).signature?.slice(0, 10) })],
    ['an unknown address', () => ({ secret: `${tenant.companyId}-${'t'.repeat(43)}` })],
    ['an address without a company', () => ({ secret: 's'.repeat(43) })],
  ])('WH-04 are refused with %s', async (_name, changes) => {
    expect(await receive([event('1')], changes())).toBe('not_ours');
    expect(queued).toEqual([]);
  });

  it("WH-04 of one tenant are refused at another's address", async () => {
    const other = await world.addTenant();
    await subscribe(other, `${other.companyId}-${'u'.repeat(43)}`);
    expect(await receive([event('1')], { secret: `${other.companyId}-${'s'.repeat(43)}` })).toBe('not_ours');
  });

  it('are taken with Basic credentials where SAP takes no HMAC', async () => {
    await subscribe(tenant, secret, 'basic');
    const basic = (password: string) => ({
      signature: undefined,
      authorization: `Basic ${Buffer.from(`orderline-1:${password}`).toString('base64')}`,
    });
    expect(await receive([event('1')], basic('wrong'))).toBe('not_ours');
    expect(await receive([event('1')], basic(KEY))).toBe('accepted');
    expect(streams()).toEqual(['items']);
  });

  it.each([
    ['older than SAP keeps them', () => ({ time: '2026-01-01T00:00:00Z' })],
    ['from the future', () => ({ time: '2099-01-01T00:00:00Z' })],
    ['of another company behind the same address', () => ({ source: '/default/sap.b1/OTHER' })],
  ])('are no news when they are %s', async (_name, changes) => {
    expect(await receive([event('1', undefined, changes())])).toBe('accepted');
    expect(queued).toEqual([]);
  });

  it('are ours too where SAP writes the name of the company in capitals', async () => {
    const connections = createConnectionStore(world.vault);
    const { companyDb } = await tenant.within((tx) => connections.get(tx, tenant.connectionId));
    const source = `/default/sap.b1/${companyDb.toLowerCase()}`;
    expect(source).not.toContain(companyDb);
    expect(await receive([event('1', undefined, { source })])).toBe('accepted');
    expect(streams()).toEqual(['items']);
  });

  it('are refused once SAP was disconnected, so that it stops sending them', async () => {
    const connections = createConnectionStore(world.vault);
    await tenant.within((tx) => connections.setStatus(tx, tenant.connectionId, 'disconnected'));
    expect(await receive([event('1')])).toBe('not_ours');
  });

  it('wake nobody while the connection waits for a person', async () => {
    const connections = createConnectionStore(world.vault);
    await tenant.within((tx) => connections.setStatus(tx, tenant.connectionId, 'password_refused'));
    expect(await receive([event('1')])).toBe('accepted');
    expect(queued).toEqual([]);
  });

  it('are refused once the admin has switched them off', async () => {
    await tenant.within((tx) => deps().erpWebhooks.setUnwanted(tx, tenant.connectionId));
    expect(await receive([event('1')])).toBe('not_ours');
  });

  it('are forgotten after a while, and only old ones', async () => {
    await receive([event('1')]);
    await tenant.within((tx) => deps().erpWebhooks.forgetEvents(tx, clock.now()));
    await receive([event('1')]);
    await tenant.within((tx) => deps().erpWebhooks.forgetEvents(tx, new Date(clock.now().getTime() + 1)));
    await receive([event('1')]);
    expect(streams()).toEqual(['items', 'items']);
  });
});

describe('the handshake', () => {
  const token = 'c0ffee00-0000-4000-8000-000000000001';
  const signature = createHmac('sha256', KEY).update(token).digest('base64');
  const answer = (given: string | undefined, changes: Partial<ErpProof> = {}) =>
    makeAnswerHandshake(deps())(given, { secret, authorization: undefined, signature, ...changes });

  it('gives the token back to the server that signed it', async () => {
    expect(await answer(token)).toEqual({ challenge: token });
  });

  it.each([
    ['without a token', () => answer(undefined)],
    ['for a token that is none', () => answer('<script>')],
    ['for another token than the signed one', () => answer('c0ffee00')],
    ['at an unknown address', () => answer(token, { secret: `1-${'x'.repeat(43)}` })],
  ])('is not answered %s', async (_name, ask) => {
    expect(await ask()).toBeUndefined();
  });
});
