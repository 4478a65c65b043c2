import type { ConnectionId } from '../kernel/ids.ts';
import type { Job } from './ports/job-queue.ts';

/** Looks at the certificate of a connection's server. */
export function certificateJob(connectionId: ConnectionId): Job<'certificate.check'> {
  const key = `certificate:${connectionId}`;
  return {
    task: 'certificate.check',
    payload: { connectionId },
    serialKey: key,
    foldKey: key,
    priority: 'status',
  };
}
