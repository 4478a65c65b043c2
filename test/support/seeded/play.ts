import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import { handoffStore } from '../../../server/db/handoff-store.ts';
import { type Crew, createCrew } from './crew.ts';
import { COMPANY, type House, REP, unitOfWorkOf, type WorkerLike } from './house.ts';
import type { Scenario, Trigger } from './scenario.ts';

/** A deal after all that was drawn has happened to it. */
export interface Played {
  readonly dealId: number;
  /** Where its requests begin in SAP's log. */
  readonly sapMark: number;
  /** Whether the process that was to stop got so far. */
  readonly hasStopped: boolean;
}

export interface Players {
  /** Runs whatever no stopping process runs. */
  readonly standing: WorkerLike;
  startStopping(stop: NonNullable<Scenario['stop']>): WorkerLike;
}

const HOURS_APART = 3;
/** What carries the order where there is a ledger. */
const CHANGE_SET = /^\$batch$/;
const ROUND_MS = 15 * 60_000;
/** Of faults that are over, nothing may be left after so many sweeps. */
const ROUNDS = 4;

/** Lets one drawn deal happen, until nothing moves any more. */
export async function play(house: House, players: Players, scenario: Scenario): Promise<Played> {
  const { world, sap } = house;
  house.reseed(scenario.seed);
  // Tokens, sessions and pauses of the deals before are over, so that a seed plays alike whatever came before.
  world.clock.advance(HOURS_APART * 3_600_000);
  const dealId = createDeal(house, scenario);
  const sapMark = world.sap.log.all().length;
  sap.requireApproval(scenario.approval);
  plantFaults(house, scenario);
  const stopping = scenario.stop ? players.startStopping(scenario.stop) : undefined;
  const stallMs = scenario.stop?.how === 'stalled' ? scenario.stallMs : undefined;
  const crew = createCrew(house, { standing: players.standing, stopping, stallMs });
  await live(house, crew, dealId, scenario);
  clearFaults(house);
  await recover(house, crew, dealId);
  sap.requireApproval(false);
  await crew.end();
  return { dealId, sapMark, hasStopped: crew.hasStopped() };
}

function createDeal({ pipedrive, world, organizations, products }: House, scenario: Scenario): number {
  const { webhooks } = world.pipedrive;
  // Making it is no part of what is played.
  webhooks.faults.add({ match: { company: COMPANY }, times: 1e6, fault: { kind: 'lose' } });
  const deal = pipedrive.createDeal({
    title: `Played with seed ${scenario.seed}`,
    org_id: organizations[scenario.customer % organizations.length] ?? 0,
    currency: 'EUR',
    owner: REP,
    lines: scenario.lines.map((line) => ({
      product_id: products[line.product % products.length]?.id ?? 0,
      item_price: line.price,
      quantity: line.quantity,
      discount: line.discountPercent,
      discount_type: 'percentage',
    })),
  });
  webhooks.faults.clear();
  world.clock.advance(1_000);
  return deal.id;
}

function plantFaults({ world, sap, ledger }: House, { sapFaults, crmFaults }: Scenario): void {
  for (const fault of sapFaults) {
    const where = ledger && fault.method === 'POST' && fault.path?.test('Orders') ? { path: CHANGE_SET } : {};
    world.sap.faults.add({ ...fault, ...where, company: sap.name });
  }
  for (const { method, path, ...rule } of crmFaults)
    world.pipedrive.faults.add({ ...rule, match: { method, path, company: COMPANY } });
}

function clearFaults({ world }: House): void {
  world.sap.faults.clear();
  world.pipedrive.faults.clear();
  world.pipedrive.webhooks.faults.clear();
}

async function live(house: House, crew: Crew, dealId: number, { triggers, runBetween }: Scenario): Promise<void> {
  for (const trigger of triggers) {
    await pull(house, dealId, trigger);
    if (runBetween) await crew.runReady();
  }
  await crew.runFor(ROUND_MS);
}

async function pull(house: House, dealId: number, trigger: Trigger): Promise<void> {
  const { pipedrive, world } = house;
  switch (trigger.kind) {
    case 'win':
      if (trigger.webhook)
        world.pipedrive.webhooks.faults.add({ match: { company: COMPANY, object: 'deal' }, fault: trigger.webhook });
      pipedrive.win(dealId, REP);
      return;
    case 'send':
      await Promise.all(Array.from({ length: trigger.times }, () => send(house, dealId)));
      return;
    case 'edit':
      for (const line of pipedrive.deal(dealId).lines)
        pipedrive.updateLine(dealId, line.id, { quantity: line.quantity + 1 }, REP);
      return;
    default:
      return trigger satisfies never;
  }
}

/** A person presses the button, and again when told to try again. */
async function send({ company, world }: House, dealId: number): Promise<void> {
  for (let press = 0; press < 6; press += 1) {
    const { status, body } = await company.api(COMPANY, REP).post(`/api/panel/deals/${dealId}/send`);
    if (status === 200) return;
    if (status < 429) throw new Error(`send: ${status} ${JSON.stringify(body)}`);
    world.clock.advance(10_000);
  }
}

/** The faults are over: the sweep, and a person who corrects what SAP refused, bring everything to its end. */
async function recover(house: House, crew: Crew, dealId: number): Promise<void> {
  await house.world.pipedrive.flushWebhooks();
  for (let round = 0; round < ROUNDS; round += 1) {
    const handoff = (await readHandoffs(house, dealId)).at(-1);
    if (handoff?.state === 'written_back') break;
    if (handoff?.state === 'needs_attention' || (!handoff && house.pipedrive.deal(dealId).status !== 'won'))
      await send(house, dealId);
    await crew.sweep();
    await crew.runFor(ROUND_MS);
  }
  // What SAP still has in hand is booked now, and whoever was stalled has woken.
  await crew.runFor(ROUND_MS);
}

export function readHandoffs(house: House, dealId: number): Promise<readonly Handoff[]> {
  return unitOfWorkOf(house).within(house.installation, (tx) => handoffStore.listByDeal(tx, dealId));
}
