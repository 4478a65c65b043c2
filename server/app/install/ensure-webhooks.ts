import { randomBytes } from 'node:crypto';
import { isSilent, isUnheard, type Rhythm } from '../../domain/webhook-silence.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { CrmWebhook, CrmWebhookStore } from '../ports/delivery-store.ts';
import type { Finding, FindingStore } from '../ports/finding-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { JobPayloads, JobQueue } from '../ports/job-queue.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { suspectGap } from '../suspect-gap.ts';
import { makeMakeWebhooks } from './make-webhooks.ts';
import { isSound, LAST_REPEATS_MS, missingKinds, turnedAway, unanswered } from './webhook-plan.ts';

/** So long after the last unreadable delivery nobody needs to look any more. */
const QUIET_MS = 24 * 60 * 60_000;

export interface EnsureWebhooksDeps {
  readonly clock: Clock;
  /** How Pipedrive reaches this app, without a trailing slash. */
  readonly publicUrl: string;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly webhooks: CrmWebhookStore;
  readonly readings: Pick<CrmReadingStore, 'list' | 'suspect'>;
  readonly jobs: JobQueue;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
  readonly crm: Crm;
}

const DAY_MS = 24 * 60 * 60_000;

type Renewal = 'asked' | 'missed' | 'silent';

/**
 * Makes the app's webhooks exist and listen at the right address, and watches that they notify at all. Whatever has to be
 * replaced is replaced without a gap: the new one is made first, both are answered, then the old one goes.
 */
export function makeEnsureWebhooks(deps: EnsureWebhooksDeps) {
  const makeWebhooks = makeMakeWebhooks(deps);

  return async function ensureWebhooks(
    id: InstallationId,
    { renew = false }: JobPayloads['webhooks.ensure'],
    signal: AbortSignal,
  ): Promise<void> {
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'status', signal };
    const secret = await deps.unitOfWork.within(id, (tx) => prepare(tx, renew));
    if (!secret) return;
    const url = `${deps.publicUrl}/webhooks/pipedrive/${secret}`;
    const present = await deps.crm.listWebhooks(caller);
    const { stored, missing } = await deps.unitOfWork.within(id, async (tx) => {
      for (const { row, id: webhookId } of unanswered(await deps.webhooks.list(tx), present, url))
        await deps.webhooks.setId(tx, row.user, webhookId);
      const rows = await deps.webhooks.list(tx);
      const refusals = await deps.webhooks.listRefusals(tx);
      return { stored: rows, missing: missingKinds(rows, present, refusals, { url, now: deps.clock.now() }) };
    });
    const sound = stored.filter((row) => isSound(row, present, url));
    await makeWebhooks({ caller, url, missing, stored, present, sound });
    await deps.unitOfWork.within(id, async (tx) => {
      const [status] = present.flatMap((webhook) => turnedAway(webhook) ?? []);
      if (status !== undefined) await tellSilence(tx, turnedAwayWords(status));
      await settle(tx, stored, sound);
    });
  };

  /** @returns the secret of the address that all are to listen at; undefined where there is nothing to do */
  async function prepare(tx: Tx, renew: boolean): Promise<string | undefined> {
    const known = await deps.installations.findWebhookSecret(tx);
    if (!known || (await deps.installations.get(tx)).status !== 'active') return undefined;
    const now = deps.clock.now();
    const rhythm = await deps.webhooks.rhythm(tx, now);
    const reason = renew ? 'asked' : await reasonToRenew(tx, rhythm, now);
    // What is being renewed already is carried on with: a job that runs again does not begin again.
    const isRenewing = await deps.installations.hasOldWebhookSecret(tx);
    if (!reason || isRenewing) return known.reveal();
    const secret = randomBytes(32).toString('base64url');
    await deps.installations.renewWebhookSecret(tx, secret);
    await tellRenewal(tx, reason, rhythm, now);
    return secret;
  }

  /**
   * Once in one silence, and once a day at most: those that were made since the last notification have had no chance to be
   * silent yet.
   */
  async function reasonToRenew(tx: Tx, rhythm: Rhythm, now: Date): Promise<Renewal | undefined> {
    const made = latest((await deps.webhooks.list(tx)).filter(({ retiredAt }) => !retiredAt));
    const { lastAt } = rhythm;
    if (made && lastAt && made > lastAt) return undefined;
    if (isSilent(rhythm, now)) return 'silent';
    if (!made || after(made, DAY_MS) > now) return undefined;
    const deals = (await deps.readings.list(tx)).find(({ list }) => list === 'deals');
    const changed = deals?.mark.newest ?? null;
    return isUnheard({ changed, made, lastAt }, now) ? 'missed' : undefined;
  }

  async function tellRenewal(tx: Tx, reason: Renewal, rhythm: Rhythm, now: Date): Promise<void> {
    await deps.audit.append(tx, {
      verb: 'webhooks_renewed',
      source: { system: 'orderline', key: tx.installationId, version: null },
      target: 'webhooks',
      before: null,
      after: { reason },
      runId: null,
      requestId: null,
      userId: null,
      at: now,
    });
    if (reason === 'asked') return;
    await tellSilence(tx, silenceWords(reason, rhythm));
  }

  /** Until a notification comes. */
  async function tellSilence(tx: Tx, words: Words): Promise<void> {
    const finding = { kind: 'webhooks_silent', subject: 'installation', link: null, ...words } as const;
    await deps.findings.raise(tx, finding, deps.clock.now());
  }

  /** Rows of webhooks that are gone stay answered for what is still on its way; then they go, and so does the old address. */
  async function settle(tx: Tx, stored: readonly CrmWebhook[], sound: readonly CrmWebhook[]): Promise<void> {
    const now = deps.clock.now();
    for (const row of stored) {
      if (sound.includes(row)) continue;
      if (row.retiredAt && after(row.retiredAt, LAST_REPEATS_MS) <= now) await deps.webhooks.remove(tx, row.user);
      else await deps.webhooks.retire(tx, row.user, now);
    }
    // One that was counted on and is gone, banned or elsewhere has kept things back.
    if (stored.some((row) => !row.retiredAt && !sound.includes(row))) await suspectGap(deps, tx);
    const left = (await deps.webhooks.list(tx)).some(({ retiredAt }) => retiredAt);
    if (!left) await deps.installations.forgetOldWebhookSecret(tx);
    await deps.findings.resolve(tx, 'webhooks_refused', 'installation', now);
    await deps.findings.resolveQuiet(tx, 'delivery_unreadable', after(now, -QUIET_MS), now);
    const { lastAt } = await deps.webhooks.rhythm(tx, now);
    const since = latest(sound);
    if (lastAt && since && lastAt > since) await deps.findings.resolve(tx, 'webhooks_silent', 'installation', now);
  }
}

function latest(rows: readonly CrmWebhook[]): Date | null {
  const times = rows.flatMap(({ madeAt }) => (madeAt ? [madeAt.getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

type Words = Pick<Finding, 'message' | 'action'>;

/** What is made anew has credentials that are right: refused again, they do not get as far as here. */
function turnedAwayWords(status: number): Words {
  return {
    message: `Pipedrive’s notifications were turned away (status ${status}) at the address of this app. They were set up anew.`,
    action:
      'Nothing is lost: what changed is also looked for every 15 minutes. If it stays, let whoever runs this app check that what stands between it and the internet passes on everything below /webhooks/pipedrive.',
  };
}

function silenceWords(reason: Exclude<Renewal, 'asked'>, { lastAt }: Rhythm): Words {
  const last = lastAt ? `${lastAt.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'the beginning';
  return {
    message:
      reason === 'silent'
        ? `Pipedrive has not notified this app since ${last}, unlike a week ago. Its notifications were set up anew.`
        : 'Deals changed in Pipedrive, and this app was not notified. Its notifications were set up anew.',
    action:
      'Nothing is lost: what changed is also looked for every 15 minutes. On a holiday, press Done. If it comes back, check that the address of this app can be reached from the internet, and tell support.',
  };
}
