import { randomBytes } from 'node:crypto';
import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller, CrmWebhookInfo } from '../ports/crm.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { CrmWebhook, CrmWebhookStore, Heard } from '../ports/delivery-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobPayloads, JobQueue } from '../ports/job-queue.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { serviceGrantOf } from '../service-admin.ts';
import { suspectGap } from '../suspect-gap.ts';
import { makeMakeWebhooks } from './make-webhooks.ts';
import { isSound, judged, LAST_REPEATS_MS, missingKinds, turnedAway, unanswered } from './webhook-plan.ts';
import { heardAgain, latestMade, type Renewal, reasonToRenew, type WhatIsKnown } from './webhook-renewal.ts';
import { silenceWords, turnedAwayWords, unheardWords, type Words } from './webhook-words.ts';

/** So long after the last unreadable delivery nobody needs to look any more. */
const QUIET_MS = 24 * 60 * 60_000;
/** A ban lasts half an hour, and the look comes once an hour. */
const REFUSED_LATELY_MS = 2 * 60 * 60_000;
const MOST_FINDINGS = 500;
/** One that had to be made anew twice within it is not helped by that. */
const TWICE_MS = 24 * 60 * 60_000;

export interface EnsureWebhooksDeps {
  readonly clock: Clock;
  /** How Pipedrive reaches this app, without a trailing slash. */
  readonly publicUrl: string;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly grants: Pick<GrantStore, 'list'>;
  readonly webhooks: CrmWebhookStore;
  readonly readings: Pick<CrmReadingStore, 'list' | 'suspect'>;
  readonly jobs: JobQueue;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
  readonly crm: Crm;
}

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
    const listed = await deps.crm.listWebhooks(caller);
    const { present, stored, missing } = await deps.unitOfWork.within(id, async (tx) => {
      const present = await judge(tx, listed);
      for (const { row, id: webhookId } of unanswered(await deps.webhooks.list(tx), present, url))
        await deps.webhooks.setId(tx, row.user, webhookId);
      const rows = await deps.webhooks.list(tx);
      const refusals = await deps.webhooks.listRefusals(tx);
      return { present, stored: rows, missing: missingKinds(rows, present, refusals, { url, now: deps.clock.now() }) };
    });
    const sound = stored.filter((row) => isSound(row, present, url));
    await makeWebhooks({ caller, url, missing, stored, present, sound });
    await deps.unitOfWork.within(id, async (tx) => {
      await tellTurnedAway(tx, stored, present);
      await settle(tx, stored, sound);
    });
  };

  /** @returns the secret of the address that all are to listen at; undefined where there is nothing to do */
  async function prepare(tx: Tx, renew: boolean): Promise<string | undefined> {
    const known = await deps.installations.findWebhookSecret(tx);
    if (!known || (await deps.installations.get(tx)).status !== 'active') return undefined;
    const now = deps.clock.now();
    const seen = await look(tx, now);
    const renewal: Renewal | undefined = renew ? { reason: 'asked' } : reasonToRenew(seen, now);
    // What is being renewed already is carried on with: a job that runs again does not begin again.
    const isRenewing = await deps.installations.hasOldWebhookSecret(tx);
    if (!renewal || isRenewing) return known.reveal();
    const secret = randomBytes(32).toString('base64url');
    await deps.installations.renewWebhookSecret(tx, secret);
    await tellRenewal(tx, renewal, seen, now);
    return secret;
  }

  async function look(tx: Tx, now: Date): Promise<WhatIsKnown> {
    return {
      webhooks: await deps.webhooks.list(tx),
      readings: await deps.readings.list(tx),
      heard: await deps.webhooks.heard(tx, now),
      rhythm: await deps.webhooks.rhythm(tx, now),
    };
  }

  /** Only where an admin's access makes the new ones is anything won by making anew those of somebody who is none. */
  async function judge(tx: Tx, listed: readonly CrmWebhookInfo[]): Promise<readonly CrmWebhookInfo[]> {
    const now = deps.clock.now();
    const heard = await deps.webhooks.heard(tx, now);
    const grants = await deps.grants.list(tx);
    const admins = grants.filter(({ status, isAdmin }) => status === 'active' && isAdmin);
    const owners = serviceGrantOf(grants)?.isAdmin ? new Set(admins.map(({ userId }) => userId)) : null;
    const refusedHere = await isRefusedHere(tx, now);
    return listed.map((webhook) => judged(webhook, { heard, owners, refusedHere, now }));
  }

  /** Signatures are refused just now, and an admin has been told. */
  async function isRefusedHere(tx: Tx, now: Date): Promise<boolean> {
    const open = await deps.findings.listOpen(tx, MOST_FINDINGS);
    return open.some(
      ({ kind, subject, lastSeenAt }) =>
        kind === 'delivery_refused' && subject !== 'other_company' && after(lastSeenAt, REFUSED_LATELY_MS) > now,
    );
  }

  async function tellRenewal(tx: Tx, renewal: Renewal, { rhythm }: WhatIsKnown, now: Date): Promise<void> {
    await deps.audit.append(tx, {
      verb: 'webhooks_renewed',
      source: { system: 'orderline', key: tx.installationId, version: null },
      target: 'webhooks',
      before: null,
      after: { reason: renewal.reason },
      runId: null,
      requestId: null,
      userId: null,
      at: now,
    });
    if (renewal.reason === 'silent') await tellSilence(tx, 'installation', silenceWords(rhythm));
    if (renewal.reason !== 'unheard') return;
    for (const object of renewal.objects) await tellSilence(tx, subjectOf(object), unheardWords(object));
  }

  /** A hiccup is healed without a word; not what refuses them for good, or what making them anew does not help. */
  async function tellTurnedAway(
    tx: Tx,
    stored: readonly CrmWebhook[],
    present: readonly CrmWebhookInfo[],
  ): Promise<void> {
    const now = deps.clock.now();
    const isYoung = ({ id }: CrmWebhookInfo) =>
      stored.some(({ webhookId, madeAt }) => webhookId === id && madeAt && after(madeAt, TWICE_MS) > now);
    const [status] = present.flatMap((webhook) => {
      const { lastStatus } = webhook;
      return turnedAway(webhook) ?? (lastStatus !== null && lastStatus >= 300 && isYoung(webhook) ? lastStatus : []);
    });
    if (status !== undefined) await tellSilence(tx, 'installation', turnedAwayWords(status));
  }

  /** Until a notification comes. */
  async function tellSilence(tx: Tx, subject: string, words: Words): Promise<void> {
    const finding = { kind: 'webhooks_silent', subject, link: null, ...words } as const;
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
    const heard = await deps.webhooks.heard(tx, now);
    // One that was counted on and is gone, banned, refused or elsewhere has kept things back; so has what was not understood.
    const isBroken = stored.some((row) => !row.retiredAt && !sound.includes(row));
    if (isBroken || (await isQuarantined(tx, heard))) await suspectGap(deps, tx);
    const left = (await deps.webhooks.list(tx)).some(({ retiredAt }) => retiredAt);
    if (!left) await deps.installations.forgetOldWebhookSecret(tx);
    await deps.findings.resolve(tx, 'webhooks_refused', 'installation', now);
    await deps.findings.resolveQuiet(tx, 'delivery_unreadable', after(now, -QUIET_MS), now);
    await deps.findings.resolveQuiet(tx, 'delivery_refused', after(now, -QUIET_MS), now);
    const { lastAt } = await deps.webhooks.rhythm(tx, now);
    const since = latestMade(sound);
    if (lastAt && since && lastAt > since) await deps.findings.resolve(tx, 'webhooks_silent', 'installation', now);
    for (const object of heardAgain(sound, heard))
      await deps.findings.resolve(tx, 'webhooks_silent', subjectOf(object), now);
  }

  /** Once for each delivery that was kept without being understood: until the lists are read. */
  async function isQuarantined(tx: Tx, { quarantinedAt }: Heard): Promise<boolean> {
    if (!quarantinedAt) return false;
    const readings = await deps.readings.list(tx);
    return readings.some(({ readFrom, suspected }) => !suspected && readFrom !== null && readFrom < quarantinedAt);
  }
}

function subjectOf(object: string): string {
  return `object:${object}`;
}
