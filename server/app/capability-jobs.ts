import type { ConnectionId } from '../kernel/ids.ts';
import type { Job, JobPriority } from './ports/job-queue.ts';

/** Asks a SAP system what it can do: after its access has changed, and once a day. */
export function probeCapabilitiesJob(connectionId: ConnectionId, priority: JobPriority): Job<'capabilities.probe'> {
  const key = `capabilities:${connectionId}`;
  return { task: 'capabilities.probe', payload: { connectionId }, serialKey: key, foldKey: key, priority };
}
