import { describe, expect, it } from 'vitest';
import { simulateDay } from './simulated-day.ts';

const SEEDS = Math.max(1, Math.min(500, Number(process.env['ORDERLINE_SEEDS'] ?? 2)));
const FIRST = process.env['ORDERLINE_SEEDS'] === undefined ? 1 : 0;

describe('AP-01: the ledger against the company’s own count', () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => FIRST + index))(
    'errs by one per cent at most over a simulated day with other apps, failed and unanswered calls (seed %i)',
    async (seed) => {
      const { own, left } = await simulateDay(seed);
      expect(own).toBeLessThanOrEqual(0.01);
      expect(left).toBeLessThanOrEqual(0.01);
    },
  );
});
