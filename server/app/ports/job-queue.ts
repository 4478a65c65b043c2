import type { ConnectionId, HandoffId } from '../../kernel/ids.ts';
import type { CrmEntity } from './crm-changes.ts';
import type { Tx } from './unit-of-work.ts';

/** Every kind of job and what it carries: keys only, never a customer's data and never a secret. */
export interface JobPayloads {
  /** Gives back the access to Pipedrive and SAP and erases everything, step by step. */
  'installation.remove': Record<string, never>;
  /** Erases what was written after an installation ended, and signs out of these connections. */
  'installation.erase': { readonly connectionIds: readonly ConnectionId[] };
  /** Uses grants that lay idle, so that they do not run out, and asks anew whose those are that were doubted. */
  'grants.keep': {
    /** Only this user's, who is said to have left: a refused grant is then the uninstall. */
    readonly leaving?: number | undefined;
  };
  /** Makes the app's webhooks exist in Pipedrive. */
  'webhooks.ensure': {
    /** Make all of them anew, because somebody asked for it. */
    readonly renew?: boolean | undefined;
  };
  /** Makes the app's fields exist on both sides, as far as the admin agreed. */
  'fields.ensure': {
    readonly connectionId: ConnectionId;
    /** Ask only Pipedrive, and also for fields that are known: one may have been deleted there. */
    readonly again?: boolean | undefined;
  };
  /** Reads stored deliveries, one after the other, and turns them into work. */
  'delivery.process': { readonly deliveryIds: readonly string[] };
  /** Reads the records of one kind that deliveries spoke of, and does what follows. */
  'crm.re-read': { readonly entity: CrmEntity };
  /** Removes deliveries that were kept long enough. */
  'deliveries.purge': Record<string, never>;
  /** Reads one deal again and starts, or explains, its hand-off. */
  'deal.consider': { readonly dealId: number };
  /** Brings one hand-off a step further. */
  'order.hand-off': { readonly handoffId: HandoffId };
  /** Writes number, status and receipt to the deal. */
  'order.write-back': { readonly handoffId: HandoffId };
  /** Looks what has become of a draft in SAP, and turns it into its order once it is approved. */
  'draft.follow': { readonly handoffId: HandoffId };
  /** Looks for hand-offs that lost their job. */
  'deals.sweep': Record<string, never>;
  /** Reads what changed in Pipedrive since it was last read. */
  'crm.fill-gaps': Record<string, never>;
  /** Compares all linked records with what Pipedrive has. */
  'crm.compare': Record<string, never>;
  /** Looks whether a server shows an accepted certificate again, and lets its connection go on. */
  'certificate.check': { readonly connectionId: ConnectionId };
  /** Asks a SAP system what it can do. */
  'capabilities.probe': { readonly connectionId: ConnectionId };
  /** Makes the subscription to SAP's events be what the admin wants. */
  'erp-webhooks.ensure': { readonly connectionId: ConnectionId };
  /** Reads what changed in one stream since the cursor. */
  'sync.inbound': { readonly connectionId: ConnectionId; readonly stream: StreamName };
  /** Brings these partners' organizations and persons up to date. */
  'crm.write-partners': {
    readonly connectionId: ConnectionId;
    readonly keys: readonly string[];
    readonly runId: string;
    /** How often a job for just these was given up because of a defect; absent: never. */
    readonly givenUp?: number | undefined;
  };
  /** Brings these items' products up to date. */
  'crm.write-items': {
    readonly connectionId: ConnectionId;
    readonly keys: readonly string[];
    readonly runId: string;
    readonly givenUp?: number | undefined;
  };
}

export type TaskName = keyof JobPayloads;
export type StreamName = 'partners' | 'items' | 'credit';

/** Who waits: a person at the screen, a won deal, a status on its way back, or nobody. */
export type JobPriority = 'person' | 'order' | 'status' | 'background';

export interface Job<T extends TaskName = TaskName> {
  readonly task: T;
  readonly payload: JobPayloads[T];
  /** Jobs with one serial key never run at the same time, over all processes. */
  readonly serialKey: string;
  /** A waiting job with the same fold key is replaced by this one, so that ten triggers make one run. */
  readonly foldKey?: string;
  readonly priority: JobPriority;
  /** By our Clock. Absent: at once. */
  readonly dueAt?: Date;
}

export interface JobQueue {
  /** Stored in the caller's transaction: it exists if, and only if, the fact that causes it does. */
  enqueueWithin<T extends TaskName>(tx: Tx, job: Job<T>): Promise<void>;
}

export interface ParkedJobs {
  /** What waits for this installation's access to Pipedrive is due now. */
  wakeWithin(tx: Tx, now: Date): Promise<void>;
}
