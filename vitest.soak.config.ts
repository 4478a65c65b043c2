import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long budget: the seeded journeys with many more seeds. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      include: [
        'test/journeys/seeded-*.test.ts',
        'test/integration/sap/ledger.test.ts',
        'test/integration/sap/delta-cursor.test.ts',
        'test/integration/sap/address-guard.test.ts',
      ],
      env: { ORDERLINE_SEEDS: process.env['ORDERLINE_SEEDS'] ?? '10000' },
      testTimeout: 3 * 60 * 60_000,
    },
  }),
);
