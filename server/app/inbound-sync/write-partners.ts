import { after } from '../../kernel/clock.ts';
import { AppError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { JobPayloads } from '../ports/job-queue.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { parkingDefects } from './park-defect.ts';
import { mapPartners } from './partner-stream.ts';
import { type MappedPartner, withoutOthersVat, withStatusDate } from './partner-values.ts';
import { afterRefusal, forbiddenAfter, isPassing, isSettled, raiseRefused, remedyFor } from './record-refused.ts';
import { recheckFields, type SyncContext, type SyncDeps, whileConnected } from './sync-deps.ts';
import { type WriteOutcome, writeBatch } from './write-batch.ts';
import { writeContacts } from './write-contacts.ts';

/** How far back to look for an organization whose creation was never answered. */
const LOOK_BACK_MS = 60_000;

/**
 * Brings organizations and persons in line with these partners as SAP has them now. One record that cannot be written is
 * reported and left; the others go on.
 */
export function makeWritePartners(deps: SyncDeps) {
  return async function writePartners(
    id: InstallationId,
    job: JobPayloads['crm.write-partners'],
    signal: AbortSignal,
  ): Promise<void> {
    await whileConnected(deps, id, job.connectionId, signal, (context) =>
      parkingDefects(deps, context, { task: 'crm.write-partners', ...job }, 'partner', () => writeAll(context, job)),
    );
  };

  async function writeAll(context: SyncContext, job: JobPayloads['crm.write-partners']): Promise<void> {
    const partners = await deps.erp.getPartners(context.erpCaller, job.keys);
    const mapped = await mapPartners(deps, context, partners);
    await writeBatch(deps, context, { task: 'crm.write-partners', ...job }, mapped, {
      keyOf: ({ partner }) => partner.cardCode,
      one: (row) => writeOne(context, row),
    });
  }

  async function writeOne(context: SyncContext, mapped: MappedPartner): Promise<WriteOutcome> {
    const link = await findLink(context, mapped);
    if (!link || link.state === 'ambiguous') return 'waiting';
    if (isSettled(link, mapped.hash)) return 'unchanged';
    try {
      const organizationId = await writeOrganization(context, mapped, link);
      const complete = await writeContacts(deps, context, mapped.partner, organizationId, link.pipedriveId !== null);
      await saveLink(context, {
        ...link,
        pipedriveId: organizationId,
        state: 'linked',
        creatingSince: null,
        contentHash: complete ? mapped.hash : forbiddenAfter(mapped.hash),
      });
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

  async function writeOrganization(context: SyncContext, mapped: MappedPartner, link: EntityLink): Promise<number> {
    const today = localDateIn(context.workplace.connection.timeZone, deps.clock.now());
    const values = withStatusDate(mapped, link.pipedriveId === null ? null : link.contentHash, context, today);
    if (link.pipedriveId !== null) {
      await updateOrganization(context, mapped, link.pipedriveId, link.contentHash, values);
      await append(context, mapped, link.contentHash === null ? 'record_linked' : 'record_updated', link.pipedriveId);
      return link.pipedriveId;
    }
    const known = link.creatingSince ? await findCreated(context, mapped, link.creatingSince) : undefined;
    if (known === undefined) {
      // Written down before the record is made: if no answer comes, the next run looks for it first.
      await saveLink(context, { ...link, state: 'creating', creatingSince: deps.clock.now() });
    } else await updateOrganization(context, mapped, known, null, values);
    const organizationId = known ?? (await deps.crm.createOrganization(context.crmCaller, values));
    await append(context, mapped, 'record_created', organizationId);
    return organizationId;
  }

  async function updateOrganization(
    context: SyncContext,
    { partner }: MappedPartner,
    id: number,
    lastHash: string | null,
    values: MappedPartner['values'],
  ): Promise<void> {
    const kept = await withoutOthersVat(values, { partner, lastHash, context }, async (code) => {
      const { customFields } = await deps.crm.getOrganization(context.crmCaller, id);
      return customFields[code];
    });
    await deps.crm.updateOrganization(context.crmCaller, id, kept);
  }

  async function findCreated(context: SyncContext, mapped: MappedPartner, since: Date): Promise<number | undefined> {
    const codeField = context.fields['organization.sap_code'];
    const pages = deps.crm.listOrganizations(context.crmCaller, {
      updatedSince: after(since, -LOOK_BACK_MS),
      customFields: codeField ? [codeField] : [],
    });
    for await (const page of pages) {
      // Without the field, which a full plan may have refused, the name that was written is all there is to go by.
      const found = page.find(({ name, customFields }) =>
        codeField ? customFields[codeField] === mapped.partner.cardCode : name === mapped.values.name,
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
