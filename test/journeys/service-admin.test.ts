import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { organizationOf, organizationsByCode } from '../support/linked-organizations.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEW = { CardCode: 'C-NEU', CardName: 'Neue Möbel GmbH', CardType: 'cCustomer', FederalTaxID: 'DE811223344' };

let companies: Companies;
let customer: Customer;
/** Of a customer that is linked. */
let code: string;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2901, partners: 6, items: 3, organizations: 5 });
  await customer.setUp();
  await companies.app.runJobs();
  code = [...organizationsByCode(customer).keys()].find((key) => key.startsWith('C')) ?? '';
  expect(await withoutAdmin()).toEqual([]);
}, 120_000);
afterAll(() => companies?.close(), 60_000);

const settings = async (userId = ADMIN) => (await companies.app.api(customer.id, userId).get('/api/settings')).body;
const withoutAdmin = async () => (await customer.findings()).filter(({ kind }) => kind === 'service_not_admin');

const pass = (milliseconds: number) => companies.world.clock.set(companies.world.clock.now() + milliseconds);

/** Only its owner and admins see it from here on. */
function hide(id: number, ownerId: number): void {
  const record = customer.pipedrive.state.organizations.get(id);
  if (!record) throw new Error(`No organization ${id}.`);
  Object.assign(record, { owner_id: ownerId, visible_to: 1 });
}

/** A customer in SAP whose organization is there already, but hidden. */
async function addHiddenTwin(ownerId: number): Promise<number> {
  const vatField = customer.pipedrive.fields('organization').find(({ field_name }) => field_name === 'VAT number');
  const { id } = customer.pipedrive.createOrganization({
    name: 'Neue Moebel',
    custom_fields: { [vatField?.field_code ?? '']: NEW.FederalTaxID },
  });
  hide(id, ownerId);
  await customer.callSap('POST', 'BusinessPartners', NEW);
  return id;
}

describe('nobody who is an admin of Pipedrive has the app (reference 5.2: hidden answers 404)', () => {
  it('SY-09 takes nothing for deleted and makes nothing twice, says so once, and goes on when an admin is back', async () => {
    const hidden = organizationOf(customer, code).id;
    hide(hidden, ADMIN);
    const twin = await addHiddenTwin(ADMIN);
    const before = customer.pipedrive.organizations().length;
    companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
    customer.sap.changePartner(code, { CardName: 'Umbenannt GmbH' });

    pass(DAY);
    await companies.app.runJobsFor(16 * MINUTE);
    expect(await withoutAdmin()).toHaveLength(1);
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'linked', pipedriveId: hidden });
    expect(customer.pipedrive.organizations()).toHaveLength(before);
    expect(await customer.linkOf('partner', NEW.CardCode)).toMatchObject({ state: 'ambiguous', pipedriveId: null });
    const told = (await customer.findings()).map(({ message }) => message).join(' ');
    expect(told).toContain('it sees only what Ben Kurz sees');
    expect(told).not.toContain('deleted in Pipedrive.');
    const seen = await settings(REP);
    expect(seen.health.tone).toBe('warning');
    expect(seen.people.refused).toEqual(['Anna Weber']);

    await companies.app.install(customer.id, ADMIN);
    expect(await withoutAdmin()).toEqual([]);
    const { clock } = companies.world;
    pass(HOUR - (clock.now() % HOUR) - MINUTE);
    await companies.app.runJobsFor(7 * MINUTE);
    expect(await customer.linkOf('partner', NEW.CardCode)).toMatchObject({ state: 'linked', pipedriveId: twin });
    expect(customer.pipedrive.organizations()).toHaveLength(before);
    expect(organizationOf(customer, code).name).toBe('Umbenannt GmbH');
  }, 60_000);

  it('sees that the admin is none any more before it believes a 404', async () => {
    const hidden = organizationOf(customer, code).id;
    const admin = customer.pipedrive.state.users.get(ADMIN);
    if (!admin) throw new Error('no admin');
    pass(6 * MINUTE);
    hide(hidden, REP);
    admin.is_admin = false;
    customer.sap.changePartner(code, { CardName: 'Anders GmbH' });
    await companies.syncAgain();
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'linked', pipedriveId: hidden });
    expect((await withoutAdmin())[0]?.message).toContain('Anna Weber');

    admin.is_admin = true;
    pass(6 * MINUTE);
    expect((await settings()).mayChange).toBe(true);
    expect(await withoutAdmin()).toEqual([]);
  }, 60_000);
});

describe('one person’s access', () => {
  it('of a rep is refused: the rep is told to install again, and others still have the app', async () => {
    companies.world.pipedrive.revokeGrant(customer.id, REP);
    pass(2 * HOUR);
    const panel = await companies.app
      .api(customer.id, REP)
      .get(`/api/panel/organizations/${organizationOf(customer, code).id}`);
    expect([panel.status, panel.body.reason]).toEqual([409, 'install_again']);
    const seen = await settings(REP);
    expect(seen).toMatchObject({ myAccess: 'refused', mayChange: false, admins: ['Anna Weber'] });
    expect(seen.pipedrive.state).toBe('connected');
    const { people, myAccess } = await settings();
    expect(myAccess).toBe('ok');
    expect(people).toMatchObject({ installed: ['Anna Weber'], refused: ['Ben Kurz'], notInstalled: [] });
    await companies.app.install(customer.id, REP);
    expect((await settings(REP)).myAccess).toBe('ok');
  });

  it('of the only admin is refused: settings say so, and that it is not about rights', async () => {
    companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
    pass(2 * HOUR);
    expect((await companies.app.api(customer.id, ADMIN).post('/api/settings/handoff', { enabled: true })).status).toBe(
      403,
    );
    expect(await settings()).toMatchObject({ myAccess: 'refused', mayChange: false });
  });

  it('product.md 3: whoever is no admin reads neither connection nor budget nor findings', async () => {
    const seen = await settings(REP);
    expect(Object.keys(seen).sort()).toEqual(
      ['admins', 'companyName', 'health', 'mayChange', 'myAccess', 'people', 'pipedrive'].sort(),
    );
    expect(JSON.stringify(seen)).not.toContain(companies.world.sap.url);
    for (const path of ['capabilities', 'sheet', 'events'])
      expect((await companies.app.api(customer.id, REP).get(`/api/settings/sap/${path}`)).status, path).toBe(403);
  });

  it('says that Pipedrive could not be asked who has the app, not that everybody has it', async () => {
    pass(6 * MINUTE);
    const fault = { match: { path: /\/users$/, company: customer.id }, times: 100 } as const;
    companies.world.pipedrive.faults.add({ ...fault, fault: { kind: 'status', status: 503 } });
    expect((await settings()).people.notInstalled).toBeNull();
    companies.world.pipedrive.faults.clear();
  });
});
