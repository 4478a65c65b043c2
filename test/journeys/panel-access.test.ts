import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API_ROUTES, type RouteContract } from '../../server/contract/routes.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { type PanelBench, panelBench } from '../support/panel-bench.ts';

const HOUR = 3_600_000;

let companies: Companies;
let customer: Customer;
let bench: PanelBench;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2211, partners: 40, items: 14, invoices: 60, organizations: 20 });
  await customer.setUp();
  await companies.app.runJobs();
  bench = panelBench(companies, customer);
}, 240_000);
afterEach(() => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

describe('what cannot be shown', () => {
  it('says what is missing where no customer is linked', async () => {
    const stranger = customer.pipedrive.createOrganization({ name: 'Nobody in SAP' });
    for (const org_id of [null, stranger.id]) {
      const deal = customer.pipedrive.createDeal({ title: 'Unknown', org_id, owner: REP });
      const { status, body } = await bench.view(deal.id);
      expect(status).toBe(200);
      for (const name of ['customer', 'credit', 'balance']) expect(body[name].status).toBe('not_linked');
      expect(body.verdict.verdict).toBe('unknown');
      expect(body.send.problems.length).toBeGreaterThan(0);
    }
  });

  it('F10 SAP out of reach: nothing where nothing is known, the last figures with their age where something is', async () => {
    const seen = bench.aDeal(bench.freshCustomer().organizationId);
    const unseen = bench.aDeal(bench.freshCustomer().organizationId, [
      { product_id: bench.product(4).id, item_price: 5, quantity: 1 },
    ]);
    const then = new Date(companies.world.clock.now()).toISOString();
    const known = (await bench.view(seen.id)).body;
    companies.world.clock.advance(10 * 60_000);
    companies.world.sap.faults.add({ kind: 'drop_before', company: customer.companyDb, times: 1e6 });
    const stale = await bench.view(seen.id);
    expect(stale.status).toBe(200);
    for (const name of ['customer', 'credit', 'lines', 'balance']) {
      expect(stale.body[name]).toMatchObject({ status: 'stale', asOf: then });
      expect(stale.body[name].reason).not.toBe('');
    }
    expect(stale.body.credit.data.balance).toEqual(known.credit.data.balance);
    const { body } = await bench.view(unseen.id);
    for (const name of ['customer', 'credit', 'balance']) expect(body[name].status).toBe('unavailable');
    // The deal's own lines are known all the same.
    expect(body.lines.data.lines).toHaveLength(1);
    expect(body.lines.data.lines[0].problem).not.toBeNull();
    expect(body.verdict.verdict).toBe('unknown');
    companies.world.sap.faults.clear();
    companies.world.clock.advance(HOUR);
    expect((await bench.view(seen.id)).body.credit.status).toBe('ready');
  });

  it.each([0, 1, 2])('of three answers number %i fails: the others stand, and no verdict is made up', async (skip) => {
    const { organizationId } = bench.freshCustomer();
    const lost = companies.world.sap.faults.add({
      kind: 'reject',
      path: /^\$batch/,
      company: customer.companyDb,
      skip,
      code: -1,
      message: 'Internal error',
    });
    const { status, body } = await bench.view(bench.aDeal(organizationId).id);
    expect(status).toBe(200);
    expect(lost.hits()).toBe(1);
    const missing = [
      body.customer.status === 'unavailable',
      body.customer.status === 'ready' && body.balance.status === 'unavailable',
      body.lines.data.lines[0].sapPrice === null,
    ];
    expect(missing.filter(Boolean)).toHaveLength(1);
    expect(body.verdict.verdict).toBe('unknown');
  });
});

describe('who may see it', () => {
  it('SE-22 5.4.12 a deal that the person cannot see in Pipedrive is refused, and says nothing', async () => {
    const { organizationId, cardCode } = bench.freshCustomer();
    const hidden = customer.pipedrive.createDeal({
      title: 'Between us',
      org_id: organizationId,
      owner: ADMIN,
      visible_to: 1,
    });
    expect((await bench.view(hidden.id, ADMIN)).status).toBe(200);
    const refused = await bench.view(hidden.id, REP);
    expect(refused.status).toBe(403);
    expect(JSON.stringify(refused.body)).not.toContain(cardCode);
    const sent = await companies.app.api(customer.id, REP).post(`/api/panel/deals/${hidden.id}/send`);
    expect(sent.status).toBe(403);
    expect((await companies.app.api(customer.id, REP).get(`/api/panel/deals/${hidden.id}/handoff`)).status).toBe(403);
  });

  it('SE-22 every route with a record’s id refuses a hidden one, without a word to SAP', async () => {
    const { organizationId, cardCode } = bench.freshCustomer();
    const { pipedrive } = customer;
    pipedrive.updateOrganization(organizationId, { visible_to: 1, owner_id: ADMIN }, ADMIN);
    const hidden = { visible_to: 1, org_id: organizationId } as const;
    const ids: Readonly<Record<string, number>> = {
      dealId: pipedrive.createDeal({ title: 'Between us', owner: ADMIN, ...hidden }).id,
      organizationId,
      personId: pipedrive.createPerson({ name: 'Petra Lang', ...hidden }, ADMIN).id,
    };
    const routes = Object.values<RouteContract>(API_ROUTES).filter(({ path }) =>
      /\{(deal|organization|person)Id\}/.test(path),
    );
    expect(routes.length).toBeGreaterThanOrEqual(5);
    const mark = companies.world.sap.log.all().length;
    for (const { path, method } of routes) {
      const at = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(ids[name]));
      const { status, body } = await companies.app.api(customer.id, REP)[method](at);
      expect(status, at).toBe(403);
      expect(JSON.stringify(body)).not.toContain(cardCode);
    }
    expect(companies.world.sap.log.since(mark)).toEqual([]);
    for (const [what, id] of [
      ['organizations', organizationId],
      ['persons', ids['personId']],
    ]) {
      const seen = await companies.app.api(customer.id, ADMIN).get(`/api/panel/${what}/${id}`);
      expect(JSON.stringify(seen.body)).toContain(cardCode);
    }
  });

  it('SE-22 a hidden organization’s figures are not shown by way of a person of it', async () => {
    const { organizationId, cardCode } = bench.freshCustomer();
    const person = customer.pipedrive.createPerson({ name: 'Petra Lang', org_id: organizationId }, REP);
    customer.pipedrive.updateOrganization(organizationId, { visible_to: 1, owner_id: ADMIN }, ADMIN);
    const { status, body } = await companies.app.api(customer.id, REP).get(`/api/panel/persons/${person.id}`);
    expect(status).toBe(403);
    expect(JSON.stringify(body)).not.toContain(cardCode);
  });

  it('SE-22 a deal that was hidden after it was seen is refused five minutes later, and not before', async () => {
    const deal = bench.aDeal(bench.freshCustomer().organizationId);
    const standing = async () =>
      (await companies.app.api(customer.id, REP).get(`/api/panel/deals/${deal.id}/handoff`)).status;
    expect((await bench.view(deal.id)).status).toBe(200);
    customer.pipedrive.updateDeal(deal.id, { visible_to: 1, owner_id: ADMIN }, ADMIN);
    companies.world.clock.advance(5 * 60_000 - 1);
    expect(await standing()).toBe(200);
    companies.world.clock.advance(1);
    expect(await standing()).toBe(403);
    customer.pipedrive.updateDeal(deal.id, { owner_id: REP }, ADMIN);
    expect(await standing()).toBe(200);
    customer.pipedrive.updateDeal(deal.id, { owner_id: ADMIN }, ADMIN);
    // What is shown of it is asked of Pipedrive each time.
    expect((await bench.view(deal.id)).status).toBe(403);
    expect(await standing()).toBe(403);
  });

  it('a deal that was deleted, or never was, is refused alike', async () => {
    const deal = bench.aDeal(bench.freshCustomer().organizationId);
    customer.pipedrive.deleteDeal(deal.id);
    expect((await bench.view(deal.id)).status).toBe(403);
    expect((await bench.view(999_999)).status).toBe(403);
    for (const bad of ['0', '-1', '1.5', '1e3x', 'abc', '9007199254740993']) {
      expect((await companies.app.api(customer.id, REP).get(`/api/panel/deals/${bad}`)).status).toBe(400);
    }
  });

  it('SE-29 another company sees nothing of it, under the same number', async () => {
    const other = await companies.add({ id: 2212, partners: 6, items: 4, organizations: 4 });
    await other.setUp();
    await companies.app.runJobs();
    const deal = bench.aDeal(bench.freshCustomer().organizationId);
    const api = companies.app.api(other.id, ADMIN);
    const mine = (await bench.view(deal.id)).body.customer.data;
    const { status, body } = await api.get(`/api/panel/deals/${deal.id}`);
    expect(status).toBe(403);
    expect(JSON.stringify(body)).not.toContain(mine.name);
    const ours = other.pipedrive.createDeal({ title: 'Ours', org_id: 1, owner: ADMIN });
    const theirs = await bench.view(ours.id);
    if (theirs.status === 200) expect(theirs.body.customer.data?.cardCode).not.toBe('nobody');
  });

  it('a company, or a person, that has not installed the app is told so', async () => {
    const guest = customer.pipedrive.addUser({ id: 13, name: 'Carla Neu', email: 'carla@nordlicht.example' });
    const refused = await bench.view(1, guest.id);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain('not installed');
    expect((await companies.app.api(999_999, 1).get('/api/panel/deals/1')).status).toBe(404);
  });
});

describe('what the panels on an organization and a person cost in Pipedrive', () => {
  const costOf = async (path: string) => {
    const before = customer.pipedrive.tokensSpent();
    expect((await companies.app.api(customer.id, REP).get(path)).status).toBe(200);
    return customer.pipedrive.tokensSpent() - before;
  };

  it('AP-02 11 and 12 tokens, or 1 and 2 where this person saw the deals within five minutes; by hand they are read again', async () => {
    const { organizationId } = bench.freshCustomer();
    const { id } = customer.pipedrive.createPerson({ name: 'Petra Lang', org_id: organizationId });
    const [organization, person] = [`/api/panel/organizations/${organizationId}`, `/api/panel/persons/${id}`];
    expect(await costOf(organization)).toBe(11);
    expect(await costOf(organization)).toBe(1);
    expect(await costOf(person)).toBe(2);
    expect(await costOf(`${organization}?refresh=yes`)).toBe(11);
    expect(await costOf(`${person}?refresh=yes`)).toBe(12);
    companies.world.clock.advance(5 * 60_000);
    expect(await costOf(person)).toBe(12);
  });

  it('AP-02 whoever hammers Refresh on a deal reads its lines five more times in five minutes', async () => {
    const deal = bench.aDeal(bench.freshCustomer().organizationId);
    companies.world.clock.advance(5 * 60_000);
    let spent = await costOf(`/api/panel/deals/${deal.id}`);
    for (let press = 0; press < 9; press += 1) spent += await costOf(`/api/panel/deals/${deal.id}?refresh=yes`);
    expect(spent).toBe(10 + 6 * 10);
  });

  it('AP-02 people who open a deal at the same moment share one reading of its lines', async () => {
    const deal = bench.aDeal(bench.freshCustomer().organizationId);
    const before = customer.pipedrive.tokensSpent();
    const views = await Promise.all([ADMIN, REP, ADMIN, REP].map((userId) => bench.view(deal.id, userId)));
    expect(views.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(customer.pipedrive.tokensSpent() - before).toBe(4 + 10);
  });
});

describe('the panels on an organization and a person', () => {
  it('an organization shows its credit, its invoices and the deals that are not in SAP yet', async () => {
    const { cardCode, organizationId } = bench.freshCustomer();
    const open = bench.aDeal(organizationId);
    const sent = bench.aDeal(organizationId, undefined, { title: 'Sent' });
    const lost = bench.aDeal(organizationId, undefined, { title: 'Lost' });
    customer.pipedrive.updateDeal(lost.id, { status: 'lost' });
    await companies.app.api(customer.id, REP).post(`/api/panel/deals/${sent.id}/send`);
    await companies.app.runJobs();
    const { status, body } = await companies.app
      .api(customer.id, REP)
      .get(`/api/panel/organizations/${organizationId}`);
    expect(status).toBe(200);
    expect(body.customer.data.cardCode).toBe(cardCode);
    expect(body.credit).toMatchObject({ status: 'ready', data: { thisDeal: null } });
    const ids = body.unsentDeals.map(({ dealId }: { dealId: number }) => dealId);
    expect(ids).toContain(open.id);
    expect(ids).not.toContain(sent.id);
    expect(ids).not.toContain(lost.id);
    expect(body.verdict.title).toBe('Good to sell');
  });

  it('a person shows its organization’s, or that it has none', async () => {
    const { cardCode, organizationId } = bench.freshCustomer();
    const api = companies.app.api(customer.id, REP);
    const person = customer.pipedrive.createPerson({ name: 'Petra Lang', org_id: organizationId });
    const shown = await api.get(`/api/panel/persons/${person.id}`);
    expect(shown.body).toMatchObject({ personId: person.id, organization: { customer: { data: { cardCode } } } });
    const alone = customer.pipedrive.createPerson({ name: 'Otto Allein' });
    expect((await api.get(`/api/panel/persons/${alone.id}`)).body).toEqual({ personId: alone.id, organization: null });
    expect((await api.get('/api/panel/persons/999999')).status).toBe(403);
    expect((await api.get('/api/panel/organizations/999999')).status).toBe(403);
  });
});

describe('before SAP is connected', () => {
  it('says so', async () => {
    const early = await companies.add({ id: 2213, partners: 3, items: 3, organizations: 3 });
    await companies.app.install(early.id, ADMIN);
    const answer = await companies.app.api(early.id, ADMIN).get('/api/panel/deals/1');
    expect(answer.status).toBe(404);
    expect(answer.body.message).toContain('not connected');
  });
});
