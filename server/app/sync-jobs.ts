import type { ConnectionId } from '../kernel/ids.ts';
import type { Job, StreamName } from './ports/job-queue.ts';

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
