import type { House, WorkerLike } from './house.ts';

/** The workers of one drawn life: one that may stop on its way, and one that takes over. */
export interface Crew {
  /** Runs what is ready now. @returns when the next job is due */
  runReady(): Promise<Date | undefined>;
  /** Moves the clock from one due time to the next, for so long. */
  runFor(milliseconds: number): Promise<void>;
  /** As every 15 minutes: plans what cron plans, and runs it. */
  sweep(): Promise<void>;
  hasStopped(): boolean;
  /** Nobody stays stalled or started. */
  end(): Promise<void>;
}

export interface CrewOptions {
  readonly standing: WorkerLike;
  /** Works first, until it stops. */
  readonly stopping: WorkerLike | undefined;
  /** Undefined: it was killed and never comes back. */
  readonly stallMs: number | undefined;
}

/** Deliveries that wait are looked for this often. */
const STEP_MS = 90_000;

export function createCrew(house: House, { standing, stopping, stallMs }: CrewOptions): Crew {
  const { clock, pipedrive } = house.world;
  let atWork = stopping ?? standing;
  let asleep: { readonly wakeAt: number; readonly run: Promise<unknown> } | undefined;
  let stopped = false;

  async function runOnce(cron: boolean): Promise<Date | undefined> {
    const run = atWork.app.jobs.runUntilIdle({ cron });
    if (atWork === standing) return run;
    const hasStopped = await Promise.race([run.then(() => false), atWork.database.stopped.then(() => true)]);
    if (!hasStopped) return run;
    await takeOver(atWork, run);
    return standing.app.jobs.runUntilIdle({ cron });
  }

  async function takeOver(silent: WorkerLike, run: Promise<unknown>): Promise<void> {
    stopped = true;
    atWork = standing;
    const quiet = run.catch(() => undefined);
    // Cut off first: a question for the next job that is still under way would take one after the dead were counted.
    if (stallMs === undefined) await silent.cut();
    else asleep = { wakeAt: clock.now() + stallMs, run: quiet };
    await house.giveUpSilentWorkers();
  }

  async function wake(): Promise<void> {
    if (!asleep || !stopping) return;
    const { run } = asleep;
    asleep = undefined;
    stopping.database.resume();
    await run;
    await stopping.close();
  }

  async function runReady(cron = false): Promise<Date | undefined> {
    for (let first = cron; ; first = false) {
      await pipedrive.settled();
      const next = await runOnce(first);
      await pipedrive.settled();
      const again = await runOnce(false);
      if (next?.getTime() === again?.getTime()) return again;
    }
  }

  return {
    runReady: () => runReady(),
    async runFor(milliseconds) {
      const end = clock.now() + milliseconds;
      for (;;) {
        const next = await runReady();
        if (asleep && clock.now() >= asleep.wakeAt) {
          await wake();
          continue;
        }
        const delivery = pipedrive.webhooks.waiting() > 0 ? clock.now() + STEP_MS : end + 1;
        const at = Math.min(next?.getTime() ?? end + 1, asleep?.wakeAt ?? end + 1, delivery);
        if (at > end) break;
        clock.set(Math.max(clock.now(), at));
      }
      clock.set(Math.max(clock.now(), end));
      await runReady();
    },
    async sweep() {
      await runReady(true);
    },
    hasStopped: () => stopped,
    async end() {
      await wake();
      if (stopping && !stopped) await stopping.close();
    },
  };
}
