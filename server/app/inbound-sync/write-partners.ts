import { after } from '../../kernel/clock.ts';
import { AppError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import { type Marks, organizationWritten } from '../crm-views.ts';
import { type LeavingOut, makeLeavingOut } from '../leave-out-fields.ts';
import type { CrmOrganization } from '../ports/crm.ts';
import type { JobPayloads } from '../ports/job-queue.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { makeWithCurrentFields } from './current-fields.ts';
import { forRun } from './first-load.ts';
import { lookFirst, sentInTime } from './look-first.ts';
import { parkingDefects } from './park-defect.ts';
import { mapPartners } from './partner-stream.ts';
import { type MappedPartner, withoutOthersVat, withStatusDate } from './partner-values.ts';
import {
  afterHidden,
  afterRefusal,
  forbiddenAfter,
  isPassing,
  isSettled,
  isWrittenItself,
  raiseRefused,
  remedyFor,
} from './record-refused.ts';
import { lookSeeingAll, mayBeHidden } from './seeing-all.ts';
import { recheckFields, type SyncContext, type SyncDeps, whileConnected } from './sync-deps.ts';
import { type WriteOutcome, writeBatch } from './write-batch.ts';
import { writeContacts } from './write-contacts.ts';
import { findView, saveWritten } from './written-views.ts';

/** An organization as it was written, and what it shows since; null: it was left as it stood. */
interface Written {
  readonly id: number;
  readonly shown: Marks | null;
}

/** The organization as it stands, asked for once at most. */
type ReadOnce = (id: number) => Promise<CrmOrganization>;

/** How far back to look for an organization whose creation was never answered: their clock may be behind ours. */
const LOOK_BACK_MS = 10 * 60_000;

/**
 * Brings organizations and persons in line with these partners as SAP has them now. One record that cannot be written is
 * reported and left; the others go on.
 */
export function makeWritePartners(deps: SyncDeps) {
  const withCurrentFields = makeWithCurrentFields(deps);

  return async function writePartners(
    id: InstallationId,
    job: JobPayloads['crm.write-partners'],
    signal: AbortSignal,
  ): Promise<void> {
    await whileConnected(deps, id, job.connectionId, signal, (context) =>
      parkingDefects(deps, context, { task: 'crm.write-partners', ...job }, 'partner', () => writeAll(context, job)),
    );
  };

  async function writeAll(found: SyncContext, job: JobPayloads['crm.write-partners']): Promise<void> {
    const from = await forRun(deps, found, 'partners', job.runId);
    const partners = await deps.erp.getPartners(from.erpCaller, job.keys);
    const context = await withCurrentFields(from, partners);
    const mapped = await mapPartners(deps, context, partners);
    const leavingOut = makeLeavingOut(deps, {
      installationId: context.crmCaller.installationId,
      connectionId: job.connectionId,
      priority: 'background',
      consequence: 'your customers come without it',
    });
    await writeBatch(deps, context, { task: 'crm.write-partners', ...job }, mapped, {
      keyOf: ({ partner }) => partner.cardCode,
      one: (row) => writeOne(context, row, leavingOut),
    });
  }

  async function writeOne(context: SyncContext, mapped: MappedPartner, leavingOut: LeavingOut): Promise<WriteOutcome> {
    const link = await findLink(context, mapped);
    if (!link || link.state === 'ambiguous') return 'waiting';
    if (isSettled(link, mapped.hash)) return 'unchanged';
    try {
      const began = await findView(deps, context, link);
      const read = readOnce(context);
      const { id, shown } = await writeOrganization(context, mapped, link, leavingOut, read);
      const people = link.pipedriveId === null ? null : async () => (await read(id)).people;
      const complete = await writeContacts(deps, context, mapped.partner, id, people);
      const contentHash = complete && !leavingOut.concerns(mapped.values) ? mapped.hash : forbiddenAfter(mapped.hash);
      const written = { ...link, pipedriveId: id, state: 'linked', creatingSince: null, contentHash } as const;
      await saveWritten(deps, context, written, { began, shown });
      return 'written';
    } catch (error) {
      return await giveUp(context, mapped, link, error);
    }
  }

  async function giveUp(
    context: SyncContext,
    mapped: MappedPartner,
    link: EntityLink,
    error: unknown,
  ): Promise<'waiting'> {
    if (!(error instanceof AppError) || isPassing(error)) throw error;
    if (link.pipedriveId !== null && (await mayBeHidden(deps, context, error))) {
      await saveLink(context, afterHidden(link));
      return 'waiting';
    }
    const { cardCode, name } = mapped.partner;
    if (error instanceof RejectedError) await recheckFields(deps, context);
    await saveLink(context, afterRefusal(link, error, mapped.hash));
    if (error instanceof NotFoundError && link.pipedriveId !== null) {
      await raiseRefused(
        deps,
        context,
        `partner:${cardCode}`,
        `The organization of SAP customer ${cardCode} (${name}) was deleted in Pipedrive.`,
        'Restore it in Pipedrive, and it is found again within the hour. Or leave it: it is not made again.',
      );
    } else {
      await raiseRefused(
        deps,
        context,
        `partner:${cardCode}`,
        `SAP customer ${cardCode} (${name}) could not be written to Pipedrive: ${error.message}`,
        remedyFor(error),
      );
    }
    return 'waiting';
  }

  async function writeOrganization(
    context: SyncContext,
    mapped: MappedPartner,
    link: EntityLink,
    leavingOut: LeavingOut,
    read: ReadOnce,
  ): Promise<Written> {
    const today = localDateIn(context.workplace.connection.timeZone, deps.clock.now());
    const values = withStatusDate(mapped, link.pipedriveId === null ? null : link.contentHash, context, today);
    if (link.pipedriveId !== null) {
      const before = { id: link.pipedriveId, lastHash: link.contentHash };
      const shown = isWrittenItself(link, mapped.hash)
        ? null
        : await updateOrganization(context, mapped, before, values, leavingOut, read);
      await append(context, mapped, link.contentHash === null ? 'record_linked' : 'record_updated', link.pipedriveId);
      return { id: link.pipedriveId, shown };
    }
    const known = await findEarlier(context, mapped, link);
    const written =
      known === undefined ? await createOrganization(context, link, values, leavingOut) : await updateKnown(known);
    await append(context, mapped, 'record_created', written.id);
    return written;

    async function updateKnown(id: number): Promise<Written> {
      return { id, shown: await updateOrganization(context, mapped, { id, lastHash: null }, values, leavingOut, read) };
    }
  }

  function readOnce({ crmCaller }: SyncContext): ReadOnce {
    let reading: Promise<CrmOrganization> | undefined;
    return (id) => {
      reading ??= deps.crm.getOrganization(crmCaller, id);
      return reading;
    };
  }

  async function createOrganization(
    context: SyncContext,
    link: EntityLink,
    values: MappedPartner['values'],
    leavingOut: LeavingOut,
  ): Promise<Written> {
    // Written down before the record is made: if no answer comes, the next run looks for it first.
    const since = deps.clock.now();
    await saveLink(context, { ...link, state: 'creating', creatingSince: since });
    return leavingOut.write(values, async (sent) => {
      const id = await deps.crm.createOrganization(sentInTime(context.crmCaller, since), sent);
      return { id, shown: organizationWritten(sent, null, context) };
    });
  }

  async function updateOrganization(
    context: SyncContext,
    { partner }: MappedPartner,
    { id, lastHash }: { readonly id: number; readonly lastHash: string | null },
    values: MappedPartner['values'],
    leavingOut: LeavingOut,
    read: ReadOnce,
  ): Promise<Marks> {
    const kept = await withoutOthersVat(values, { partner, lastHash, context }, async (code) => {
      const { customFields } = await read(id);
      return customFields[code];
    });
    return leavingOut.write(kept, async (sent) =>
      organizationWritten(sent, await deps.crm.updateOrganization(context.crmCaller, id, sent), context),
    );
  }

  async function findEarlier(
    context: SyncContext,
    mapped: MappedPartner,
    { creatingSince }: EntityLink,
  ): Promise<number | undefined> {
    if (!creatingSince) return undefined;
    const look = () => lookSeeingAll(deps, context, () => findCreated(context, mapped, creatingSince));
    return lookFirst(look, { since: creatingSince, now: deps.clock.now() });
  }

  async function findCreated(context: SyncContext, mapped: MappedPartner, since: Date): Promise<number | undefined> {
    const codeField = context.fields['organization.sap_code'];
    const pages = deps.crm.listOrganizations(context.crmCaller, {
      updatedSince: after(since, -LOOK_BACK_MS),
      customFields: codeField ? [codeField] : [],
    });
    const taken = await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
      deps.links.listLinkedIds(tx, context.workplace.connection.id, 'partner'),
    );
    for await (const page of pages) {
      // Without the field, which a full plan may have refused, the name that was written is all there is to go by.
      const found = page.find(({ id, name, customFields }) =>
        codeField ? customFields[codeField] === mapped.partner.cardCode : name === mapped.values.name && !taken.has(id),
      );
      if (found) return found.id;
    }
    return undefined;
  }

  async function findLink(
    { crmCaller, workplace }: SyncContext,
    { partner }: MappedPartner,
  ): Promise<EntityLink | undefined> {
    return deps.unitOfWork.within(crmCaller.installationId, (tx) =>
      deps.links.findBySapKey(tx, workplace.connection.id, 'partner', partner.cardCode),
    );
  }

  async function saveLink({ crmCaller, workplace }: SyncContext, link: EntityLink): Promise<void> {
    await deps.unitOfWork.within(crmCaller.installationId, (tx) => deps.links.save(tx, workplace.connection.id, link));
  }

  async function append(
    context: SyncContext,
    { partner, hash }: MappedPartner,
    verb: 'record_linked' | 'record_created' | 'record_updated',
    organizationId: number,
  ): Promise<void> {
    const { connection } = context.workplace;
    const version = partner.updated ? `${partner.updated.date}T${partner.updated.time}` : null;
    await deps.unitOfWork.within(context.crmCaller.installationId, async (tx: Tx) => {
      await deps.findings.resolve(tx, 'record_refused', `partner:${partner.cardCode}`, deps.clock.now());
      await deps.audit.append(tx, {
        verb,
        source: { system: 'sap', key: `${connection.companyDb}:BusinessPartners:${partner.cardCode}`, version },
        target: `organization:${organizationId}`,
        before: null,
        after: { hash },
        runId: null,
        requestId: null,
        userId: null,
        at: deps.clock.now(),
      });
    });
  }
}
