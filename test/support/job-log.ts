import pg from 'pg';
import { z } from 'zod';
import type { JobHandlers } from '../../server/queue/job-types.ts';

/** A deal whose job never ends by itself. */
export const HANGING_DEAL = 999;

const Entry = z.object({ event: z.enum(['begin', 'end']), deal_id: z.number(), pid: z.number(), attempt: z.number() });
export type LogEntry = z.infer<typeof Entry>;

/** What jobs did, in the order in which the database saw it, over all processes. */
export interface JobLog {
  write(event: LogEntry['event'], dealId: number, attempt: number): Promise<void>;
  read(): Promise<readonly LogEntry[]>;
  close(): Promise<void>;
}

export async function createJobLog(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`
    create table job_log (
      seq bigint primary key generated always as identity,
      event text not null, deal_id integer not null, pid integer not null, attempt integer not null
    );
    grant select, insert on job_log to orderline_app`);
  await client.end();
}

export function openJobLog(databaseUrl: string): JobLog {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', () => undefined);
  return {
    async write(event, dealId, attempt) {
      await pool.query('insert into job_log (event, deal_id, pid, attempt) values ($1, $2, $3, $4)', [
        event,
        dealId,
        process.pid,
        attempt,
      ]);
    },
    async read() {
      const { rows } = await pool.query('select event, deal_id, pid, attempt from job_log order by seq');
      return z.array(Entry).parse(rows);
    },
    close: () => pool.end(),
  };
}

/** `deal.consider` writes when it begins and ends; other tasks do nothing. */
export function loggingHandlers(log: JobLog, overrides: Partial<JobHandlers> = {}): JobHandlers {
  const nothing = async (): Promise<void> => undefined;
  return {
    'installation.remove': nothing,
    'installation.erase': nothing,
    'grants.keep': nothing,
    'webhooks.ensure': nothing,
    'fields.ensure': nothing,
    'certificate.check': nothing,
    'capabilities.probe': nothing,
    'erp-webhooks.ensure': nothing,
    'delivery.process': nothing,
    'deliveries.purge': nothing,
    'crm.re-read': nothing,
    'order.hand-off': nothing,
    'order.write-back': nothing,
    'draft.follow': nothing,
    'deals.sweep': nothing,
    'crm.fill-gaps': nothing,
    'crm.compare': nothing,
    'sync.inbound': nothing,
    'crm.write-partners': nothing,
    'crm.write-items': nothing,
    async 'deal.consider'({ attempt, signal }, { dealId }) {
      await log.write('begin', dealId, attempt);
      if (dealId === HANGING_DEAL) await untilAborted(signal);
      // Long enough for another process to come in between if nothing holds it back.
      await new Promise((resolve) => setTimeout(resolve, 3));
      await log.write('end', dealId, attempt);
    },
    ...overrides,
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
