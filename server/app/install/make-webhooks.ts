import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { type AppError, ForbiddenError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller, CrmWebhookInfo } from '../ports/crm.ts';
import type { CrmWebhook, CrmWebhookKind, CrmWebhookStore } from '../ports/delivery-store.ts';
import type { Finding, FindingStore } from '../ports/finding-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import { isEssential, sameKind } from './webhook-plan.ts';

export interface MakeWebhooksDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly webhooks: Pick<
    CrmWebhookStore,
    'add' | 'remove' | 'setId' | 'listRefusals' | 'noteRefusal' | 'clearRefusal'
  >;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly crm: Pick<Crm, 'createWebhook' | 'deleteWebhook'>;
}

export interface WebhookWork {
  readonly caller: CrmCaller;
  readonly url: string;
  readonly missing: readonly CrmWebhookKind[];
  readonly stored: readonly CrmWebhook[];
  readonly present: readonly CrmWebhookInfo[];
  readonly sound: readonly CrmWebhook[];
}

/** Pipedrive's answer when a user has as many webhooks as are allowed (reference pipedrive-api.md, section 3.1). */
const LIMIT_CODE = '422';

/**
 * Makes what is missing and then removes what stood in its place, kind by kind, so that there are never many more than
 * are wanted. The credentials of a new one are stored before it is made, so that its first delivery is known.
 * @throws {RejectedError} {@link ForbiddenError} when even deals are refused; what else is refused is noted and told
 */
export function makeMakeWebhooks(deps: MakeWebhooksDeps) {
  return async function makeWebhooks(work: WebhookWork): Promise<void> {
    for (const kind of work.missing) {
      try {
        await create(work, kind);
      } catch (error) {
        if (!(error instanceof RejectedError || error instanceof ForbiddenError)) throw error;
        await refused(work, kind, error);
        continue;
      }
      await removeOld(work, (webhook) => sameKind(webhook, kind));
    }
    // Only ours are listed to an app; what is not known, or wanted no more, has credentials nobody can check.
    await removeOld(work, (webhook) => !work.missing.some((kind) => sameKind(kind, webhook)));
  };

  async function removeOld(work: WebhookWork, which: (webhook: CrmWebhookInfo) => boolean): Promise<void> {
    const kept = new Set(work.sound.map(({ webhookId }) => webhookId));
    for (const webhook of work.present.filter((one) => !kept.has(one.id) && which(one))) {
      try {
        await deps.crm.deleteWebhook(work.caller, webhook.id);
      } catch (error) {
        // One that only its owner may delete stays: its credentials are no longer taken.
        if (!(error instanceof NotFoundError || error instanceof ForbiddenError)) throw error;
      }
    }
  }

  async function create({ caller, url }: WebhookWork, kind: CrmWebhookKind): Promise<void> {
    const id = caller.installationId;
    const user = randomBytes(9).toString('hex');
    const password = randomBytes(32).toString('hex');
    const { object, action } = kind;
    await deps.unitOfWork.within(id, (tx) =>
      deps.webhooks.add(tx, { object, action, user, password, webhookId: 0, madeAt: deps.clock.now() }),
    );
    const name = `Orderline ${object} ${action}`;
    const webhookId = await attempt(() =>
      deps.crm.createWebhook(caller, { object, action, name, url, user, password }),
    );
    await deps.unitOfWork.within(id, async (tx) => {
      await deps.webhooks.setId(tx, user, webhookId);
      await deps.webhooks.clearRefusal(tx, kind);
      await deps.findings.resolve(tx, 'webhooks_refused', subjectOf(kind), deps.clock.now());
      await deps.audit.append(tx, {
        verb: 'webhooks_created',
        source: { system: 'orderline', key: id, version: null },
        target: `webhook:${webhookId}`,
        before: null,
        after: { object, action },
        runId: null,
        requestId: null,
        userId: null,
        at: deps.clock.now(),
      });
    });

    /** What was refused was not made: nobody will come with these credentials. */
    async function attempt(make: () => Promise<number>): Promise<number> {
      try {
        return await make();
      } catch (error) {
        if (error instanceof RejectedError || error instanceof ForbiddenError)
          await deps.unitOfWork.within(id, (tx) => deps.webhooks.remove(tx, user));
        throw error;
      }
    }
  }

  /** One kind that Pipedrive does not notify about is told once, and asked for again from day to day. */
  async function refused(work: WebhookWork, kind: CrmWebhookKind, error: AppError): Promise<void> {
    const id = work.caller.installationId;
    const isLimit = error instanceof RejectedError && error.code === LIMIT_CODE;
    const isFailure = isEssential(kind) || isLimit;
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      const known = await deps.webhooks.listRefusals(tx);
      if (!isFailure) await deps.webhooks.noteRefusal(tx, kind, now);
      if (!isFailure && known.some((refusal) => sameKind(refusal, kind))) return;
      const words = isLimit ? limitWords() : isFailure ? failureWords(error) : refusalWords(kind, error);
      const subject = isFailure ? 'installation' : subjectOf(kind);
      await deps.findings.raise(tx, { kind: 'webhooks_refused', subject, link: null, ...words }, now);
    });
    if (isFailure) throw error;
  }
}

type Words = Pick<Finding, 'message' | 'action'>;

function subjectOf({ object, action }: CrmWebhookKind): string {
  return `webhook:${object}.${action}`;
}

function limitWords(): Words {
  return {
    message: 'Pipedrive allows this app no more notifications: 40 for one user is the most.',
    action:
      'Let another admin of your Pipedrive company install the app, or tell support. Until then changes are looked for every 15 minutes.',
  };
}

function failureWords(error: AppError): Words {
  const why = error instanceof RejectedError ? error.words : error.message;
  return {
    message: `Pipedrive refused to notify this app about deals: ${why}`,
    action: 'Check that the address of this app can be reached from the internet over HTTPS.',
  };
}

const WHAT: Readonly<Record<string, string>> = {
  deal_product: 'products on deals',
  organization: 'organizations',
  person: 'people',
  product: 'products',
  user: 'users',
};

function refusalWords({ object, action }: CrmWebhookKind, error: AppError): Words {
  const why = error instanceof RejectedError ? error.words : error.message;
  const what = { create: 'are added', change: 'change', delete: 'are deleted' }[action] ?? 'change';
  return {
    message: `Pipedrive does not notify this app when ${WHAT[object] ?? object} ${what}: ${why}`,
    action: 'Nothing is lost: it is found a little later by the regular comparison. It is asked for again every day.',
  };
}
