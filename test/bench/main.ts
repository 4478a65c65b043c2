import setUpDatabase from '../support/global-setup.ts';
import { measureApp } from './app.ts';
import { keepsBar, type Measure, print } from './measure.ts';
import { measurePipedriveGrants } from './pipedrive-grants.ts';
import { measurePipedriveSync } from './pipedrive-sync.ts';
import { measurePipedriveTokens } from './pipedrive-tokens.ts';
import { measureWebhooks } from './pipedrive-webhooks.ts';
import { measureSap } from './sap.ts';

/**
 * `npm run bench`, or one section alone: `npm run bench -- sap`. Ratios to a floor or a peer of the same run: absolute
 * figures of one machine say little about another. Where a measure has a bar and misses it, the end is an error.
 */
const SECTIONS = {
  app: withDatabase(measureApp),
  sap: measureSap,
  webhooks: measureWebhooks,
  grants: withDatabase(measurePipedriveGrants),
  tokens: withDatabase(measurePipedriveTokens),
  'pipedrive-sync': withDatabase(measurePipedriveSync),
};

const missed: Measure[] = [];
const asked = process.argv.slice(2);
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`${name}:`);
  const measures = await measure();
  print(measures);
  missed.push(...measures.filter((one) => !keepsBar(one)));
}
if (missed.length > 0) {
  console.log(`Missed: ${missed.map(({ name }) => name).join('; ')}.`);
  process.exitCode = 1;
}

function withDatabase<T>(measure: () => Promise<T>): () => Promise<T> {
  return async () => {
    const tearDown = await setUpDatabase();
    try {
      return await measure();
    } finally {
      await tearDown();
    }
  };
}
