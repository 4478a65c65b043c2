import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The long budget: the seeded journeys with many more seeds. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      include: [
        'test/journeys/seeded-*.test.ts',
        'test/journeys/crm-changes.test.ts',
        'test/journeys/token-budget.test.ts',
        'test/journeys/kept-for-orders.test.ts',
        'test/journeys/sync-cost.test.ts',
        'test/integration/http/app-notices.test.ts',
        'test/integration/sap/ledger.test.ts',
        'test/integration/sap/delta-cursor.test.ts',
        'test/integration/sap/address-guard.test.ts',
        'test/unit/app/crm-reading/gap-fill.test.ts',
        'test/integration/pipedrive/token-*.test.ts',
      ],
      env: { ORDERLINE_SEEDS: process.env['ORDERLINE_SEEDS'] ?? '10000' },
      testTimeout: 3 * 60 * 60_000,
    },
  }),
);
