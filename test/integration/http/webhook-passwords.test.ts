import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../../server/app/ports/secrets.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { addNotifiedTenant, type NotifiedTenant } from '../../support/delivery-world.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { receiverApp } from '../../support/receiver-app.ts';
import { goodBody } from '../../support/seeded/delivery-bodies.ts';
import { type TenantWorld, tenantWorld } from '../../support/tenants.ts';

let database: FreshDatabase;
let world: TenantWorld;
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
afterAll(() => database?.drop());

async function noKey(): Promise<never> {
  throw new Error('The key service is down.');
}
const LOCKED: Vault = { seal: noKey, open: noKey, createDataKey: noKey, destroyDataKey: noKey };

/** The answer of a receiver that has just started: it remembers nobody. */
async function deliver(tenant: NotifiedTenant, vault: Vault, authorization = tenant.authorization): Promise<number> {
  const { app } = receiverApp(database.db, vault);
  const answer = await request(app)
    .post(`/webhooks/pipedrive/${tenant.secret}`)
    .set({ authorization, 'content-type': 'application/json' })
    .send(goodBody(tenant.companyId, randomUUID()));
  return answer.status;
}

const rowOf = (tenant: NotifiedTenant) =>
  tenant.within((tx) => queriesOf(tx)('crm_webhooks').where({ installation_id: tenant.id }).first());

describe('what is kept of a webhook’s password', () => {
  it('WH-04 its hash, from which nobody can tell it', async () => {
    const tenant = await addNotifiedTenant(world);
    const row = await rowOf(tenant);
    expect(row.password).toBeNull();
    expect(row.password_hash).toHaveLength(32);
    expect(Buffer.concat([row.password_hash]).includes(tenant.password)).toBe(false);
  });

  it('F33 deliveries are taken without any key, also right after a start, and forged ones are not', async () => {
    const tenant = await addNotifiedTenant(world);
    expect(await deliver(tenant, LOCKED)).toBe(200);
    expect(await tenant.rows()).toHaveLength(1);
    const forged = Buffer.from(`${tenant.user}:${tenant.password.slice(1)}`).toString('base64');
    expect(await deliver(tenant, LOCKED, `Basic ${forged}`)).toBe(401);
  });

  it('WH-04 one that was made before its hash was kept is taken all the same', async () => {
    const tenant = await addNotifiedTenant(world);
    await tenant.within(async (tx) => {
      const place = { table: 'crm_webhooks', column: 'password', row: tenant.user };
      const sealed = Buffer.from(await world.vault.seal(tx, place, tenant.password));
      await queriesOf(tx)('crm_webhooks')
        .where({ installation_id: tenant.id })
        .update({ password: sealed, password_hash: null });
    });
    expect(await deliver(tenant, LOCKED)).toBe(503);
    expect(await deliver(tenant, world.vault)).toBe(200);
    const forged = Buffer.from(`${tenant.user}:${tenant.password}x`).toString('base64');
    expect(await deliver(tenant, world.vault, `Basic ${forged}`)).toBe(401);
  });
});
