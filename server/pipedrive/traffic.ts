import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { type Circuit, createCircuit } from '../net/circuit.ts';
import { createLimiter, type Limiter } from '../net/limiter.ts';
import { createRetryBudget, type RetryBudget } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import { type BurstWindow, createBurstWindow } from './burst-window.ts';
import { type CompanyBlock, createCompanyBlock } from './company-block.ts';
import { createRefusalRounds, type RefusalRounds } from './refusal-rounds.ts';

/** What keeps one company's calls within bounds, in this process; no company waits for another. */
export interface CompanyTraffic {
  readonly limiter: Limiter;
  readonly window: BurstWindow;
  readonly circuit: Circuit;
  readonly repeats: RetryBudget;
  readonly block: CompanyBlock;
  readonly rounds: RefusalRounds;
}

export interface Traffic {
  of(company: string): CompanyTraffic;
}

const AT_ONCE = 8;

export function createTraffic(deps: { clock: Clock; random: Random; sleep: Sleep }): Traffic {
  const companies = new Map<string, CompanyTraffic>();
  return {
    of(id) {
      const known = companies.get(id);
      if (known) return known;
      const company = {
        limiter: createLimiter({ max: AT_ONCE, kept: 0 }),
        window: createBurstWindow(deps),
        circuit: createCircuit(deps),
        repeats: createRetryBudget(),
        block: createCompanyBlock(deps.clock),
        rounds: createRefusalRounds(),
      };
      companies.set(id, company);
      return company;
    },
  };
}
