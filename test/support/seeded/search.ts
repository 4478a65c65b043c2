import type { House, WorkerLike, WorkerOptions } from './house.ts';
import { findBrokenPromises } from './outcome.ts';
import { play } from './play.ts';
import { drawScenario, type Scenario } from './scenario.ts';

export interface BrokenSeed {
  readonly scenario: Scenario;
  /** What is not as promised, in words. */
  readonly broken: readonly string[];
}

/** Plays one drawn life, with workers of one kind. */
export async function playAndCheck(
  house: House,
  standing: WorkerLike,
  scenario: Scenario,
  options: WorkerOptions = {},
): Promise<BrokenSeed | undefined> {
  const players = {
    standing,
    startStopping: (stop: WorkerOptions['stop']) => house.startWorker({ ...options, ...(stop ? { stop } : {}) }),
  };
  const broken = await play(house, players, scenario).then(
    (played) => findBrokenPromises(house, scenario, played),
    (error: unknown) => [error instanceof Error ? error.message : String(error)],
  );
  return broken.length > 0 ? { scenario, broken } : undefined;
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
      const found = await playAndCheck(house, standing, draw(seed), options);
      if (found) return found;
    }
    return undefined;
  } finally {
    await standing.close();
  }
}
