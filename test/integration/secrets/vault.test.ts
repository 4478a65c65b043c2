import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecretPlace } from '../../../server/app/ports/secrets.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { dataKeyStore } from '../../../server/db/data-key-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { encrypt } from '../../../server/secrets/envelope.ts';
import { parseMasterKeys } from '../../../server/secrets/master-keys.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { aMasterKeyText, type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const PLACE: SecretPlace = { table: 'grants', column: 'access_token', row: '7' };

let database: FreshDatabase;
let world: TenantWorld;
let left: Tenant;
let right: Tenant;
const oldKey = aMasterKeyText('2025');

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db, oldKey);
  left = await world.addTenant();
  right = await world.addTenant();
});
afterAll(() => database.drop());

describe('the vault (SE-11)', () => {
  it('gives back any text, in its own place', async () => {
    await left.within(async (tx) => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), async (plain) => {
          const sealed = await world.vault.seal(tx, PLACE, plain);
          expect((await world.vault.open(tx, PLACE, sealed)).reveal()).toBe(plain);
        }),
      );
    });
  });

  it('opens nothing that was moved to another row, column, table or tenant', async () => {
    const sealed = await left.within((tx) => world.vault.seal(tx, PLACE, 'a token'));
    const moved: SecretPlace[] = [
      { ...PLACE, row: '8' },
      { ...PLACE, column: 'refresh_token' },
      { ...PLACE, table: 'connections' },
    ];
    for (const place of moved)
      await left.within(async (tx) => {
        await expect(world.vault.open(tx, place, sealed)).rejects.toThrow(
          `${place.table}.${place.column} of row ${place.row}`,
        );
      });
    await right.within((tx) =>
      expect(world.vault.open(tx, PLACE, sealed)).rejects.toThrow('not sealed for that place'),
    );
  });

  it('opens nothing of another tenant, even if both had the same data key', async () => {
    const text = aMasterKeyText('shared');
    const masterKeys = parseMasterKeys(text);
    const keyId = randomUUID();
    const bytes = randomBytes(32);
    const shared = tenantWorld(database.db, text);
    const sealedBy = async (tenant: Tenant) =>
      tenant.within(async (tx) => {
        const wrapped = encrypt(masterKeys.primary, [tenant.id, 'data_keys', 'wrapped', keyId], bytes);
        await dataKeyStore.remove(tx);
        await dataKeyStore.add(tx, { keyId, masterKeyId: 'shared', wrapped });
        return shared.vault.seal(tx, PLACE, `token of ${tenant.id}`);
      });
    const one = await shared.addTenant();
    const two = await shared.addTenant();
    const sealed = await sealedBy(one);
    await sealedBy(two);
    await one.within(async (tx) => expect((await shared.vault.open(tx, PLACE, sealed)).reveal()).toContain(one.id));
    await two.within((tx) => expect(shared.vault.open(tx, PLACE, sealed)).rejects.toThrow('not sealed'));
  });

  it('opens nothing with a data key that was copied from another tenant’s row', async () => {
    const one = await world.addTenant();
    const two = await world.addTenant();
    const stolen = await one.within((tx) => dataKeyStore.find(tx));
    await two.within(async (tx) => {
      await dataKeyStore.remove(tx);
      if (stolen) await dataKeyStore.add(tx, stolen);
      await expect(world.vault.seal(tx, PLACE, 'x')).rejects.toThrow('does not open');
    });
  });

  it('notices a password moved between two rows of the database', async () => {
    const connections = createConnectionStore(world.vault);
    await left.within((tx) =>
      queriesOf(tx).raw('update connections set password = decode(?, ?)', ['00'.repeat(60), 'hex']),
    );
    const { rows } = await right.within((tx) =>
      queriesOf(tx).raw<{ rows: { password: Buffer }[] }>('select password from connections'),
    );
    await left.within((tx) => queriesOf(tx)('connections').update({ password: rows[0]?.password }));
    await left.within((tx) =>
      expect(connections.openPassword(tx, left.connectionId)).rejects.toThrow('connections.password'),
    );
    await right.within(async (tx) =>
      expect((await connections.openPassword(tx, right.connectionId)).reveal()).toBe('a password'),
    );
  });

  it('reads what older master keys wrapped, writes with the first, and fails closed without the right one', async () => {
    const sealed = await right.within((tx) => world.vault.seal(tx, PLACE, 'kept'));
    const rotated = tenantWorld(database.db, `${aMasterKeyText('2026')},${oldKey}`);
    await rotated.unitOfWork.within(right.id, async (tx) => {
      expect((await rotated.vault.open(tx, PLACE, sealed)).reveal()).toBe('kept');
    });
    const newTenant = await rotated.addTenant();
    await newTenant.within(async (tx) => expect((await dataKeyStore.find(tx))?.masterKeyId).toBe('2026'));

    const without = tenantWorld(database.db, aMasterKeyText('2026'));
    await without.unitOfWork.within(right.id, (tx) =>
      expect(without.vault.open(tx, PLACE, sealed)).rejects.toThrow('lacks the key "2025"'),
    );
    const forged = tenantWorld(database.db, aMasterKeyText('2025'));
    await forged.unitOfWork.within(right.id, (tx) =>
      expect(forged.vault.open(tx, PLACE, sealed)).rejects.toThrow('does not open'),
    );
  });

  it('opens nothing once the data key is destroyed, nor with the key of a later install', async () => {
    const tenant = await world.addTenant();
    const sealed = await tenant.within((tx) => world.vault.seal(tx, PLACE, 'gone'));
    await tenant.within(async (tx) => {
      await world.vault.open(tx, PLACE, sealed);
      await world.vault.destroyDataKey(tx);
      await expect(world.vault.open(tx, PLACE, sealed)).rejects.toThrow('no data key');
    });
    await tenant.within((tx) => world.vault.createDataKey(tx));
    await tenant.within((tx) => expect(world.vault.open(tx, PLACE, sealed)).rejects.toThrow('not sealed'));
  });

  it('gives secrets that show themselves to reveal() alone', async () => {
    await right.within(async (tx) => {
      const secret = await world.vault.open(tx, PLACE, await world.vault.seal(tx, PLACE, 'canary'));
      const shown = [
        `${secret}`,
        JSON.stringify({ secret }),
        inspect(secret),
        inspect({ deep: [secret] }),
        String(secret),
      ];
      for (const text of shown) {
        expect(text).toContain('[secret]');
        expect(text).not.toContain('canary');
      }
      expect(secret.reveal()).toBe('canary');
    });
  });
});
