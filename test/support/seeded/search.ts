import type { House, WorkerLike, WorkerOptions } from './house.ts';
import { findBrokenPromises } from './outcome.ts';
import { play } from './play.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import type { StopPoint } from './stoppable-database.ts';

export interface BrokenSeed {
  readonly scenario: Scenario;
  /** What is not as promised, in words. */
  readonly broken: readonly string[];
}

/** Plays one life, with workers of one kind. */
export async function playAndCheck(
  house: House,
  standing: WorkerLike,
  scenario: Scenario,
  options: WorkerOptions = {},
): Promise<{ readonly broken: readonly string[]; readonly hasStopped: boolean }> {
  const startStopping = (stop: StopPoint) => house.startWorker({ ...options, stop });
  try {
    const played = await play(house, { standing, startStopping }, scenario);
    return { broken: await findBrokenPromises(house, scenario, played), hasStopped: played.hasStopped };
  } catch (error) {
    return { broken: [error instanceof Error ? error.message : String(error)], hasStopped: false };
  }
}

/**
 * The first seed, of so many, that ends otherwise than promised.
 * @param draw how a seed becomes a life
 */
export async function searchBrokenSeed(
  house: House,
  seeds: number,
  options: WorkerOptions = {},
  draw: (seed: number) => Scenario = drawScenario,
): Promise<BrokenSeed | undefined> {
  const standing = house.startWorker(options);
  try {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const scenario = draw(seed);
      const { broken } = await playAndCheck(house, standing, scenario, options);
      if (broken.length > 0) return { scenario, broken };
    }
    return undefined;
  } finally {
    await standing.close();
  }
}
