import { z } from 'zod';
import { CRM_ENTITIES } from '../app/ports/crm-changes.ts';
import type { JobPayloads, StreamName, TaskName } from '../app/ports/job-queue.ts';
import { connectionId, handoffId, installationId } from '../kernel/ids.ts';

const uuid = z.uuid();
const InstallationKey = uuid.transform(installationId);
const ConnectionKey = uuid.transform(connectionId);
const HandoffKey = uuid.transform(handoffId);

const Nothing = z.strictObject({});
const OfConnection = z.strictObject({ connectionId: ConnectionKey });
const OfHandoff = z.strictObject({ handoffId: HandoffKey });
const OfRecords = z.strictObject({
  connectionId: ConnectionKey,
  keys: z.array(z.string()),
  runId: z.string(),
  givenUp: z.int().optional(),
});
const Stream = z.enum(['partners', 'items', 'credit'] as const satisfies readonly StreamName[]);

/** What a stored payload must be before a handler sees it. */
export const payloadSchemas: { readonly [T in TaskName]: z.ZodType<JobPayloads[T]> } = {
  'installation.remove': Nothing,
  'installation.erase': z.strictObject({ connectionIds: z.array(ConnectionKey) }),
  'grants.keep': z.strictObject({ leaving: z.int().optional() }),
  'webhooks.ensure': z.strictObject({ renew: z.boolean().optional() }),
  'fields.ensure': z.strictObject({ connectionId: ConnectionKey, again: z.boolean().optional() }),
  'certificate.check': OfConnection,
  'capabilities.probe': OfConnection,
  'erp-webhooks.ensure': OfConnection,
  'delivery.process': z.strictObject({ deliveryIds: z.array(z.string()) }),
  'crm.re-read': z.strictObject({ entity: z.enum(CRM_ENTITIES) }),
  'deliveries.purge': Nothing,
  'deal.consider': z.strictObject({ dealId: z.int() }),
  'order.hand-off': OfHandoff,
  'order.write-back': OfHandoff,
  'draft.follow': OfHandoff,
  'deals.sweep': Nothing,
  'crm.fill-gaps': Nothing,
  'crm.compare': Nothing,
  'sync.inbound': z.strictObject({ connectionId: ConnectionKey, stream: Stream }),
  'crm.write-partners': OfRecords,
  'crm.write-items': OfRecords,
};

/** How a job lies in the database, as the function enqueue_job makes it (migrations, queue). Keys only. */
export const Envelope = z.object({
  version: z.literal(1),
  installationId: InstallationKey,
  payload: z.unknown(),
  /** 1 for the first run; waiting for a told time does not count. */
  attempt: z.int().positive(),
  serialKey: z.string(),
  foldKey: z.string().nullable(),
  priority: z.int(),
  /** Waits for somebody to reconnect Pipedrive. */
  parked: z.literal(true).optional(),
});

export type Envelope = z.infer<typeof Envelope>;

export const taskNames: readonly TaskName[] = Object.keys(payloadSchemas).filter(isTaskName);

export function isTaskName(text: string): text is TaskName {
  return Object.hasOwn(payloadSchemas, text);
}
