import { z } from 'zod';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createJobRunner } from '../../server/queue/job-runner.ts';
import { loggingHandlers, openJobLog } from './job-log.ts';
import { movableClock } from './movable-clock.ts';

/**
 * A worker in a process of its own, started by `startWorkerProcess`. Its clock stands where it is told; it stops when it
 * is asked to or when its parent is gone.
 */
const Settings = z.object({ databaseUrl: z.string(), clock: z.coerce.date() });
const Order = z.object({ clock: z.coerce.date() });

const settings = Settings.parse(JSON.parse(process.env['QUEUE_WORKER'] ?? '{}'));
const clock = movableClock(settings.clock);
const log = openJobLog(settings.databaseUrl);
const runner = createJobRunner({
  databaseUrl: settings.databaseUrl,
  clock,
  logger: silentLogger,
  handlers: loggingHandlers(log),
  disposition: () => ({ act: 'retry', delayMs: 60_000 }),
  onExhausted: async () => undefined,
});

process.on('message', (message) => {
  clock.set(Order.parse(message).clock);
  void runner.wake();
});
process.on('disconnect', () => process.exit());
runner.start();
await runner.wake();
process.send?.('ready');
