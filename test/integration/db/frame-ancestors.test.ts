import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFrameAncestors } from '../../../server/app/install/frame-ancestors.ts';
import { eraseInstallation } from '../../../server/db/erase-installation.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, tenantWorld } from '../../support/tenants.ts';

const COMMON = ['https://app.pipedrive.com', 'http://127.0.0.1:4000'];
const hostOf = (name: string) => `https://${name}.pipedrive.com`;

let database: FreshDatabase;
let ancestorsOf: (companyId: string | undefined) => Promise<readonly string[]>;
let acme: Tenant;
let other: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  const world = tenantWorld(database.db);
  const installations = createInstallationStore(world.vault);
  const directory = createTenantDirectory(database.db);
  ancestorsOf = makeFrameAncestors({ unitOfWork: world.unitOfWork, directory, installations, common: COMMON });
  [acme, other] = [await world.addTenant(), await world.addTenant()];
  await acme.within((tx) => installations.setApiDomain(tx, hostOf('acme')));
  await other.within((tx) => installations.setApiDomain(tx, hostOf('other')));
});
afterAll(() => database.drop());

it('SE-25 a company’s pages may be framed by its own host and the common ones, never by another company’s', async () => {
  expect(await ancestorsOf(acme.companyId)).toEqual([hostOf('acme'), ...COMMON]);
  expect(await ancestorsOf(other.companyId)).toEqual([hostOf('other'), ...COMMON]);
});

it.each(['999999999999999', '0', '', undefined])('SE-25 nobody’s pages by no company’s host: %s', async (companyId) => {
  expect(await ancestorsOf(companyId)).toEqual(COMMON);
});

it('SE-25 of a company that was erased the host is not named any more', async () => {
  await acme.within(eraseInstallation);
  expect(await ancestorsOf(acme.companyId)).toEqual(COMMON);
  expect(await ancestorsOf(other.companyId)).toEqual([hostOf('other'), ...COMMON]);
});
