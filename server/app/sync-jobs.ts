import type { ConnectionId } from '../kernel/ids.ts';
import type { Job, JobPayloads, JobPriority, StreamName } from './ports/job-queue.ts';

export const STREAMS: readonly StreamName[] = ['partners', 'items', 'credit'];

/** One run per connection and stream at a time; a waiting one is not joined by a second. */
export function syncJob(connectionId: ConnectionId, stream: StreamName): Job<'sync.inbound'> {
  return {
    task: 'sync.inbound',
    payload: { connectionId, stream },
    serialKey: `sync:${connectionId}:${stream}`,
    foldKey: `sync:${connectionId}:${stream}`,
    priority: 'background',
  };
}

/** Makes the agreed fields exist: at once when a person has agreed, else when cron or a new connection asks for it. */
export function ensureFieldsJob(connectionId: ConnectionId, priority: JobPriority): Job<'fields.ensure'> {
  const key = `fields:${connectionId}`;
  return { task: 'fields.ensure', payload: { connectionId }, serialKey: key, foldKey: key, priority };
}

/** The same at the quiet hour that an admin chose for changes to SAP's tables; another choice takes its place. */
export function changeErpJob(connectionId: ConnectionId, dueAt: Date): Job<'fields.ensure'> {
  const job = ensureFieldsJob(connectionId, 'background');
  return { ...job, foldKey: `${job.serialKey}:erp`, dueAt };
}

/**
 * For whoever was refused a write: a field that the app knows may have been deleted in Pipedrive. Asks there, and makes
 * anew what is missing; never folded into a job that would not ask.
 */
export function recheckFieldsJob(connectionId: ConnectionId, priority: JobPriority): Job<'fields.ensure'> {
  const job = ensureFieldsJob(connectionId, priority);
  return { ...job, payload: { connectionId, again: true }, foldKey: `${job.serialKey}:again` };
}

/** Jobs of one connection write one after the other: two of them never make the same record. */
export function crmWriteJob<T extends 'crm.write-partners' | 'crm.write-items'>(
  task: T,
  payload: JobPayloads[T],
): Job<T> {
  return { task, payload, serialKey: `${task}:${payload.connectionId}`, priority: 'background' };
}
