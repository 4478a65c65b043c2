import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AppProcess, build, startApp } from './demo/app-process.ts';
import { checkRequests } from './demo/check-requests.ts';
import { fillDeals, makeDeal, runFirstLoad, runOrder } from './demo/main-job.ts';
import { portNear } from './demo/ports.ts';
import { type DemoWorld, startDemoWorld } from './demo/practice-company.ts';
import { serveStartPage } from './demo/start-page.ts';
import { createRandom } from './kernel/random.ts';
import type { Plan } from './pipedrive/options.ts';

const { values } = parseArgs({
  options: {
    /** The main job without a browser, a short report, and an exit code. */
    once: { type: 'boolean', default: false },
    /** Leaves the folder with the app's database, its log, and the records of both practice sides. */
    keep: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    partners: { type: 'string', default: '400' },
    items: { type: 'string', default: '1200' },
    organizations: { type: 'string', default: '300' },
    plan: { type: 'string', default: 'ultimate' },
    seats: { type: 'string', default: '5' },
  },
});

const PLANS: readonly Plan[] = ['lite', 'growth', 'premium', 'ultimate'];
const started = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'orderline-demo-'));
// As root the database runs as another account, which must get through here; its own folder stays closed.
chmodSync(folder, 0o755);
const endings: (() => Promise<unknown> | unknown)[] = [];
let ending: Promise<void> | undefined;

process.on('SIGINT', () => void end(values.once ? 1 : 0));
process.on('SIGTERM', () => void end(values.once ? 1 : 0));

try {
  await run();
} catch (error) {
  // Whatever fails once the end has been asked for fails because of it.
  if (!ending) console.error(`\nIt did not work: ${error instanceof Error ? error.message : String(error)}`);
  await end(1);
}

async function run(): Promise<void> {
  const options = {
    seed: whole(values.seed),
    partners: whole(values.partners),
    items: whole(values.items),
    organizations: whole(values.organizations),
    plan: planOf(values.plan),
    seats: whole(values.seats),
  };
  console.log('Building the app');
  build();
  const url = `http://127.0.0.1:${await portNear(3_000)}`;
  console.log('Starting both sides of the practice company, and the app');
  const world = await startDemoWorld(options, url);
  endings.unshift(() => world.close());
  if (values.keep) endings.unshift(() => saveRecords(world));
  mkdirSync(join(folder, 'app'));
  const app = await startApp(world, url, folder);
  endings.unshift(() => app.stop());
  const load = await runFirstLoad(world, url, (line) => console.log(line));
  const facts = [
    `${load.organizations} organizations, ${load.persons} persons, ${load.products} products in Pipedrive after ${load.seconds.toFixed(1)} s`,
    `${load.tokens} Pipedrive tokens, ${load.sapRequests} SAP requests for the first load`,
  ];
  if (values.once) await runOnce(world, url, facts);
  else await stayOpen(world, app, facts);
}

async function runOnce(world: DemoWorld, url: string, facts: readonly string[]): Promise<void> {
  const order = await runOrder(world, url, (line) => console.log(line));
  const checked = checkRequests(world, folder);
  console.log(`\nThe main job worked.`);
  for (const fact of facts) console.log(`  ${fact}`);
  console.log(`  ${world.company.tokensSpent()} tokens and ${world.sap.log.all().length} SAP requests in all`);
  console.log(`  Deal ${order.dealId} is sales order ${order.orderNumber} in SAP, once, and says so`);
  if (checked !== undefined) console.log(`  ${checked} requests agree with the official descriptions`);
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s with the build`);
  await end(0);
}

async function stayOpen(world: DemoWorld, app: AppProcess, facts: readonly string[]): Promise<void> {
  const dealId = makeDeal(world, 'Desks for the new office');
  fillDeals(world, createRandom(whole(values.seed)));
  const page = await serveStartPage(world, dealId);
  endings.unshift(() => page.close());
  console.log(`\nReady. ${facts.join('; ')}.\n\n  Start here: ${page.origin}\n`);
  console.log(
    `  App         ${app.url}\n  Pipedrive   ${world.company.apiDomain}\n  SAP         ${world.sap.url}\n\nCtrl-C ends everything.`,
  );
  const lines = await app.ended;
  if (!ending) {
    console.error(`\nThe app ended by itself. The last lines of its log:\n${lines}`);
    await end(1);
  }
}

/** Ends what was started, newest first, once, whoever asks. */
function end(code: number): Promise<void> {
  ending ??= (async () => {
    for (const step of endings) await step();
    if (values.keep) console.log(`Kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  })();
  return ending;
}

function saveRecords(world: DemoWorld): void {
  const { company, office, sap, pipedrive } = world;
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value, null, 1));
  write('pipedrive.json', {
    organizations: company.organizations(),
    persons: company.persons(),
    products: company.products(),
    deals: company.deals(),
    requests: pipedrive.log.all(),
  });
  write('sap.json', {
    partners: office.rows('BusinessPartners'),
    items: office.rows('Items'),
    orders: office.orders(),
    drafts: office.drafts(),
    requests: sap.log.all(),
  });
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`“${text}” is no whole number above 0.`);
  return number;
}

function planOf(text: string): Plan {
  const plan = PLANS.find((one) => one === text);
  if (!plan) throw new Error(`“${text}” is no plan. Take one of ${PLANS.join(', ')}.`);
  return plan;
}
