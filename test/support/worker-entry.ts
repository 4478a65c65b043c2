import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { compose } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createRandom } from '../practice/kernel/random.ts';

/**
 * The whole app as a worker in a process of its own, started by `startAppWorker`. Its clock stands where a file says; it
 * ends when its parent is gone.
 */
const Settings = z.object({
  environment: z.record(z.string(), z.string()),
  databaseUrl: z.string(),
  clockFile: z.string(),
});

const { environment, databaseUrl, clockFile } = Settings.parse(JSON.parse(process.env['APP_WORKER'] ?? '{}'));
const random = createRandom(process.pid);
const app = compose(readConfig(environment), {
  clock: { now: () => new Date(Number(readFileSync(clockFile, 'utf8'))) },
  random: () => random.next(),
  sleep: async () => undefined,
  logger: silentLogger,
  registry: new Registry(),
  database: openDatabase({ url: databaseUrl }),
  databaseUrl,
});
process.on('disconnect', () => process.exit());
app.jobs.start();
process.send?.('ready');
