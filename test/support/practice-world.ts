import { createPracticeClock, type MovablePracticeClock } from '../practice/kernel/clock.ts';
import { type PracticePipedrive, startPracticePipedrive } from '../practice/pipedrive/start.ts';
import { type PracticeSap, startPracticeSap } from '../practice/sap/start.ts';

export const CLIENT_ID = 'orderline-test';
export const CLIENT_SECRET = 'a-client-secret-of-sufficient-length';
export const JWT_SECRET = 'a-jwt-secret-that-is-long-enough-for-it';
export const SAP_USER = 'orderline';
export const SAP_PASSWORD = 'a good password, 1';

/** Both practice sides on one clock. */
export interface PracticeWorld {
  readonly clock: MovablePracticeClock;
  readonly sap: PracticeSap;
  readonly pipedrive: PracticePipedrive;
  close(): Promise<void>;
}

export interface PracticeWorldOptions {
  readonly start?: number;
  /** Stands still unless moved; the default, so that a run can be replayed. */
  readonly frozen?: boolean;
  readonly seed?: number;
}

export async function startPracticeWorld(options: PracticeWorldOptions = {}): Promise<PracticeWorld> {
  const { start = Date.parse('2026-03-02T09:00:00Z'), frozen = true, seed = 1 } = options;
  const clock = createPracticeClock({ start, frozen });
  const sap = await startPracticeSap({ clock, seed, users: [{ name: SAP_USER, password: SAP_PASSWORD }] });
  const pipedrive = await startPracticePipedrive({
    clock,
    seed,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    jwtSecret: JWT_SECRET,
  });
  return {
    clock,
    sap,
    pipedrive,
    async close() {
      await sap.close();
      await pipedrive.close();
    },
  };
}
