import { describe, expect, it, vi } from 'vitest';
import { openGapTown } from '../support/gap-town.ts';

vi.setConfig({ testTimeout: 3 * 60 * 60_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OUTAGES = [10 * MINUTE, 24 * HOUR, 96 * HOUR] as const;
const HOW = [503, 'lost', 'no answer'] as const;
/** Each town sees each outage once: `ORDERLINE_SEEDS` opens more, at most these; `ORDERLINE_SEED` opens one again. */
const MOST_TOWNS = 60;
const COUNT = Math.min(Number(process.env['ORDERLINE_SEEDS'] ?? 1), MOST_TOWNS);
const ONLY = process.env['ORDERLINE_SEED'];
const towns = ONLY ? [Number(ONLY)] : Array.from({ length: COUNT }, (_, index) => index + 1);

describe('after the receiver was away for 10 minutes, 24 hours and 4 days', () => {
  it.each(towns)('WH-11 SY-09 F4 F5 F6 F7 F29 F30 nothing is missing (seed %i)', async (seed) => {
    const town = await openGapTown(6000 + seed, seed);
    try {
      for (const [index, outage] of OUTAGES.entries()) {
        await town.silence(outage, HOW[(index + seed - 1) % HOW.length] ?? 503);
        const spent = await town.recover();
        expect({ outage, missing: await town.missingEdits() }).toEqual({ outage, missing: [] });
        expect(town.brokenWebhooks()).toEqual([]);
        // 100, and 10 for each 500 records that changed.
        expect(spent).toBeLessThanOrEqual(110);
        const compared = await town.passNight();
        expect({ outage, missing: await town.missingRemovals() }).toEqual({ outage, missing: [] });
        expect(compared).toBeLessThanOrEqual(250);
      }
    } finally {
      await town.close();
    }
  });
});
