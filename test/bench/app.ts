import { randomBytes, randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { createOAuthStateStore } from '../../server/db/oauth-state-store.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { startCompanyApp } from '../support/company-app.ts';
import { startPracticeWorld } from '../support/practice-world.ts';
import { type Measure, medianMs, perSecond } from './measure.ts';

/**
 * Ratios to a floor or a peer of the same run: absolute figures of one machine say little about another. The floors are
 * the least that could be done: one transaction a delivery, one bare request to the same server.
 */
const COMPANY = 9001;
const ADMIN = 1;

/** The whole app on the practice company: first load, panel, deliveries. A database has to be there. */
export async function measureApp(): Promise<readonly Measure[]> {
  const world = await startPracticeWorld({ frozen: false, start: Date.now() });
  const today = new Date(world.clock.now()).toISOString().slice(0, 10);
  world.sap.addCompany(
    'BENCH',
    buildCompanyData({ seed: 3, partners: 60, items: 60, orders: 5, invoices: 200, today }),
  );
  const pipedrive = await world.pipedrive.addCompany({
    id: COMPANY,
    name: 'Bench',
    domain: 'bench',
    plan: 'ultimate',
    seats: 5,
    burstLimit: 'off',
    users: [{ id: ADMIN, name: 'Anna Weber', email: 'anna@bench.example', is_admin: true }],
  });
  const app = await startCompanyApp(world);

  try {
    await app.install(COMPANY, ADMIN);
    const before = { tokens: pipedrive.tokensSpent(), requests: world.sap.log.all().length };
    await app.connect(COMPANY, ADMIN, 'BENCH');
    const load = performance.now();
    await app.runJobs();
    const records = pipedrive.organizations().length + pipedrive.persons().length + pipedrive.products().length;
    return [
      {
        name: 'first load: tokens per record',
        unit: 'tokens',
        ours: (pipedrive.tokensSpent() - before.tokens) / records,
        floor: 5,
        against: 'what creating one costs',
      },
      {
        name: 'first load: records per second',
        unit: '1/s',
        ours: (records * 1000) / (performance.now() - load),
        floor: 24,
        against: 'what the smallest plan lets through',
      },
      {
        name: 'first load: SAP requests per 100 records',
        unit: 'requests',
        ours: ((world.sap.log.all().length - before.requests) * 100) / records,
        floor: 100 / 20,
        against: 'one per batch of 20',
      },
      await measurePanel({ world, pipedrive, app }),
      await measureDeliveries({ pipedrive, app }),
    ];
  } finally {
    await app.close();
    await world.close();
  }
}

interface Bench {
  readonly world: Awaited<ReturnType<typeof startPracticeWorld>>;
  readonly pipedrive: Awaited<ReturnType<Bench['world']['pipedrive']['addCompany']>>;
  readonly app: Awaited<ReturnType<typeof startCompanyApp>>;
}

async function measurePanel({ world, pipedrive, app }: Bench): Promise<Measure> {
  const organization = pipedrive.organizations().find((one) => pipedrive.fieldValue('organization', one, 'SAP code'));
  const lines = pipedrive
    .products()
    .slice(0, 3)
    .map((product) => ({ product_id: product.id, item_price: 10, quantity: 1 }));
  const deal = pipedrive.createDeal({ title: 'Bench', org_id: organization?.id ?? null, lines });
  await app.runJobs();
  const api = app.api(COMPANY, ADMIN);
  const agent = new Agent({ connect: { ca: world.sap.certificatePem } });
  const ours = await medianMs(30, () => api.get(`/api/panel/deals/${deal.id}`));
  const floor = await medianMs(30, async () => {
    const answer = await request(`${world.sap.url}/b1s/v2/Items`, { dispatcher: agent });
    await answer.body.text();
  });
  await agent.close();
  return {
    name: 'panel of a deal with 3 lines',
    unit: 'ms',
    ours,
    floor,
    against: 'one bare request to the same SAP, refused',
  };
}

async function measureDeliveries({ pipedrive, app }: Pick<Bench, 'pipedrive' | 'app'>): Promise<Measure> {
  const [hook] = pipedrive.webhooks();
  if (!hook) throw new Error('There is no webhook.');
  const authorization = `Basic ${Buffer.from(`${hook.http_auth_user}:${hook.http_auth_password}`).toString('base64')}`;
  const body = (id: number) =>
    JSON.stringify({
      meta: {
        action: 'change',
        entity: 'deal',
        entity_id: String(id),
        id: randomUUID(),
        company_id: String(COMPANY),
        version: '2.0',
      },
      data: null,
      previous: null,
    });
  const ours = await perSecond(400, 10, async (index) => {
    const answer = await fetch(hook.subscription_url, {
      method: 'POST',
      headers: { authorization },
      body: body(index + 1),
    });
    if (answer.status !== 200) throw new Error(`A delivery was answered with ${answer.status}.`);
    await answer.arrayBuffer();
  });
  const database = openDatabase({ url: app.databaseUrl });
  const states = createOAuthStateStore(database);
  const floor = await perSecond(400, 10, () =>
    states.add(randomBytes(32).toString('hex'), randomBytes(32).toString('hex'), new Date()),
  );
  await database.destroy();
  return { name: 'webhooks stored, then answered', unit: '1/s', ours, floor, against: 'one small row committed each' };
}
