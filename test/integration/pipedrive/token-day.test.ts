import { describe, expect, it } from 'vitest';
import { simulateDay } from './simulated-day.ts';

/** Three in a row have headers always, sometimes and never. */
const SEEDS = Math.max(3, Math.min(500, Number(process.env['ORDERLINE_SEEDS'] ?? 3)));

describe('AP-01: the ledger against the company’s own count', () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index))(
    'errs by one per cent at most over a simulated day with other apps, failed, refused and unanswered calls (seed %i)',
    async (seed) => {
      const { worst, midnight } = await simulateDay(seed);
      expect(worst.ever).toBeLessThanOrEqual(0.01);
      expect(worst.own).toBeLessThanOrEqual(0.01);
      expect(worst.left).toBeLessThanOrEqual(0.01);
      expect(midnight).toBe('right');
    },
  );
});
