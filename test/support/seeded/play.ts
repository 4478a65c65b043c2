import { numberOf } from '../../practice/kernel/json.ts';
import { COMPANY, type House, REP, type WorkerLike } from './house.ts';
import type { Scenario, Trigger } from './scenario.ts';

/** A deal after all that was drawn has happened to it. */
export interface Played {
  readonly dealId: number;
  /** Marks in the logs: what came after belongs to this deal. */
  readonly sapMark: number;
  readonly stopHit: boolean;
  /** Of those that were drawn. */
  readonly faultsHit: number;
}

export interface Players {
  /** Runs whatever no stopped process runs. */
  readonly standing: WorkerLike;
  /** The process that will stop. */
  startStopping(stop: NonNullable<Scenario['stop']>): WorkerLike;
}

const MINUTE_MS = 60_000;
/** A person who was told to try again does so; the sweep comes every 15 minutes. */
const ROUNDS = 8;
const ROUND_MS = 15 * MINUTE_MS;

/** Lets one drawn deal happen, until nothing moves any more. */
export async function play(house: House, players: Players, scenario: Scenario): Promise<Played> {
  const { world, sap, pipedrive } = house;
  house.reseed(scenario.seed);
  const dealId = createDeal(house, scenario);
  world.sap.log.clear();
  sap.requireApproval(scenario.approval);
  const planted = [
    ...scenario.sapFaults.map((fault) => world.sap.faults.add({ ...fault, company: sap.name }).hits),
    ...scenario.crmFaults.map(
      ({ method, path, ...rule }) =>
        world.pipedrive.faults.add({ ...rule, match: { method, path, company: COMPANY } }).struck,
    ),
  ];
  const stopping = scenario.stop ? players.startStopping(scenario.stop) : undefined;
  const crew = createCrew(house, players.standing, stopping, scenario);

  for (const trigger of scenario.triggers) {
    await pull(house, dealId, trigger);
    if (scenario.runBetween) await crew.runReady();
  }
  await crew.runFor(ROUND_MS);
  const faultsHit = planted.filter((hits) => hits() > 0).length;
  world.sap.faults.clear();
  world.pipedrive.faults.clear();
  world.pipedrive.webhooks.faults.clear();
  await world.pipedrive.flushWebhooks();
  for (let round = 0; round < ROUNDS && !isDone(house, dealId); round += 1) {
    if (needsPerson(house, dealId)) await send(house, dealId);
    await crew.runFor(ROUND_MS);
    await crew.sweep();
  }
  // What SAP still has in hand is booked now, if ever; whoever was stalled has woken.
  await crew.runFor(ROUND_MS);
  sap.requireApproval(false);
  await crew.end();
  return { dealId, sapMark: 0, stopHit: stopping?.database.transactions() !== undefined && crew.wasStopped(), faultsHit };

  function isDone(house: House, id: number): boolean {
    return pipedrive.fieldValue('deal', pipedrive.deal(id), 'SAP document') != null && house.pipedrive.notes(id).length > 0;
  }
}
