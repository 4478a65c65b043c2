import type { GateBooks } from '../app/ports/crm-gate.ts';
import type { Clock } from '../kernel/clock.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { type Circuit, createCircuit } from '../net/circuit.ts';
import { createRetryBudget, type RetryBudget } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import type { Elapsed } from '../net/timer.ts';
import { type ClassQueue, createClassQueue } from './class-queue.ts';
import { type CompanyGate, createCompanyGate } from './company-gate.ts';

/** What keeps one company's calls within bounds; no company waits for another. */
export interface CompanyTraffic {
  readonly queue: ClassQueue;
  readonly circuit: Circuit;
  readonly repeats: RetryBudget;
  /** Shared with all other processes. */
  readonly gate: CompanyGate;
}

export interface Traffic {
  of(company: InstallationId): CompanyTraffic;
}

export interface TrafficDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly elapsed: Elapsed;
  readonly books: GateBooks;
}

export function createTraffic(deps: TrafficDeps): Traffic {
  const companies = new Map<InstallationId, CompanyTraffic>();
  return {
    of(id) {
      const known = companies.get(id);
      if (known) return known;
      const company = {
        queue: createClassQueue(),
        circuit: createCircuit(deps),
        repeats: createRetryBudget(),
        gate: createCompanyGate(id, deps),
      };
      companies.set(id, company);
      return company;
    },
  };
}
