import type { Fields } from '../kernel/json.ts';
import { numberOf } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { createDriver, type Driver, until } from './drive.ts';
import { ADMIN, type DemoWorld, REP } from './practice-company.ts';

export interface FirstLoad {
  readonly organizations: number;
  readonly persons: number;
  readonly products: number;
  readonly tokens: number;
  readonly sapRequests: number;
  readonly seconds: number;
}

const LOAD_LIMIT_MS = 180_000;
const ORDER_LIMIT_MS = 30_000;

/** Install, connect, and wait until customers and items have arrived. */
export async function runFirstLoad(world: DemoWorld, url: string, tell: (line: string) => void): Promise<FirstLoad> {
  const started = Date.now();
  const driver = createDriver(world, url);
  tell('Installing the app for the admin and one rep');
  await driver.install(ADMIN.id);
  await driver.install(REP.id);
  tell('Connecting SAP: certificate, sign-in, fields, hand-off');
  await driver.setUp();
  tell('Waiting for customers and items to arrive in Pipedrive');
  await waitForLoad(driver);
  return {
    organizations: world.company.organizations().length,
    persons: world.company.persons().length,
    products: world.company.products().length,
    tokens: world.company.tokensSpent(),
    sapRequests: world.sap.log.all().length,
    seconds: (Date.now() - started) / 1000,
  };
}

async function waitForLoad(driver: Driver): Promise<void> {
  await until('The first load', LOAD_LIMIT_MS, async () => {
    const { firstLoad } = await driver.get(ADMIN.id, '/api/settings');
    const states: string[] = firstLoad.streams.map((stream: { state: string }) => stream.state);
    return states.length > 0 && states.every((state) => state === 'done') ? true : undefined;
  });
}

/** A deal for a customer with credit, with two of its items. */
export function makeDeal(world: DemoWorld, title: string): number {
  const { company } = world;
  const codeOf = (organization: ReturnType<typeof company.organizations>[number]) =>
    company.fieldValue('organization', organization, 'SAP code');
  const good = company
    .organizations()
    .find(
      (one) =>
        codeOf(one) &&
        company.fieldValue('organization', one, 'SAP credit status') === 'Within limit' &&
        isCustomer(world, codeOf(one)),
    );
  if (!good) throw new Error('No organization is linked to a customer in SAP.');
  const products = company
    .products()
    .filter((product) => product.is_linkable)
    .slice(3, 5);
  const lines = products.map((product, index) => ({
    product_id: product.id,
    item_price: product.prices[0]?.price ?? 100,
    quantity: 2 + index,
  }));
  return company.createDeal({ title, org_id: good.id, owner: REP.id, currency: 'EUR', lines }).id;
}

/** Gives most of the deals one to three products each: some short in stock, some below SAP's price. Five stay without. */
export function fillDeals(world: DemoWorld, random: SeededRandom): void {
  const { company } = world;
  const products = company.products().filter((product) => product.is_linkable);
  const empty = company.deals().filter((deal) => deal.lines.length === 0);
  for (const deal of empty.slice(0, -5)) {
    for (const product of random.shuffle(products).slice(0, random.int(1, 3))) {
      const price = product.prices[0]?.price ?? 100;
      const offered = random.chance(0.3) ? Math.round(price * 90) / 100 : price;
      company.addLine(deal.id, { product_id: product.id, item_price: offered, quantity: random.int(1, 40) });
    }
  }
}

function isCustomer(world: DemoWorld, code: unknown): boolean {
  return typeof code === 'string' && world.office.partner(code)['CardType'] === 'cCustomer';
}

export interface OrderOutcome {
  readonly dealId: number;
  readonly orderNumber: number;
  readonly panelSections: Readonly<Record<string, string>>;
}

/** The rep looks at the panel, wins the deal, and the order's number comes back. @throws {Error} with what did not happen */
export async function runOrder(world: DemoWorld, url: string, tell: (line: string) => void): Promise<OrderOutcome> {
  const driver = createDriver(world, url);
  const dealId = makeDeal(world, 'Desks for the new office');
  tell(`Opening the panel of deal ${dealId} as the rep`);
  const panel = await driver.get(REP.id, `/api/panel/deals/${dealId}`);
  const panelSections = Object.fromEntries(
    ['customer', 'credit', 'lines', 'balance'].map((name) => [name, panel[name].status]),
  );
  const missing = Object.entries(panelSections).filter(([, status]) => status !== 'ready');
  if (missing.length > 0) throw new Error(`The panel is not complete: ${JSON.stringify(panelSections)}`);
  tell('Winning the deal');
  world.company.win(dealId, REP.id);
  const written = await until('The order number on the deal', ORDER_LIMIT_MS, () => {
    const value = world.company.fieldValue('deal', world.company.deal(dealId), 'SAP document');
    return typeof value === 'string' && world.company.notes(dealId).length > 0 ? value : undefined;
  });
  const orders: Fields[] = world.office.ordersWithKey();
  const [order] = orders;
  if (orders.length !== 1 || !order) throw new Error(`SAP has ${orders.length} orders with our key instead of one.`);
  const orderNumber = numberOf(order, 'DocNum');
  if (!written.endsWith(` ${orderNumber}`)) throw new Error(`The deal says “${written}”, SAP says ${orderNumber}.`);
  return { dealId, orderNumber, panelSections };
}
