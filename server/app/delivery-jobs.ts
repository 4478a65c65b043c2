import type { InstallationId } from '../kernel/ids.ts';
import type { Job, JobPriority } from './ports/job-queue.ts';

/** A waiting one is not joined by a second. */
export function purgeDeliveriesJob(installationId: InstallationId): Job<'deliveries.purge'> {
  const key = `purge:${installationId}`;
  return { task: 'deliveries.purge', payload: {}, serialKey: key, foldKey: key, priority: 'background' };
}

/** What reads stored deliveries: one job after the other for an installation. */
export function deliveryReading(installationId: InstallationId, priority: JobPriority) {
  return { task: 'delivery.process', serialKey: `delivery:${installationId}`, priority } as const;
}

export function deliveryJob(
  installationId: InstallationId,
  deliveryIds: readonly string[],
  priority: JobPriority,
  dueAt: Date,
): Job<'delivery.process'> {
  return { ...deliveryReading(installationId, priority), payload: { deliveryIds }, dueAt };
}
