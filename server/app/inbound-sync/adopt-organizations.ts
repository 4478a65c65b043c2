import { ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import type { CrmOrganization } from '../ports/crm.ts';
import type { EntityLink } from '../ports/link-store.ts';
import { partnerStream } from './partner-stream.ts';
import { writeInRun } from './read-stream.ts';
import { matchAgain } from './reconsider.ts';
import { loseRecords, resolveDoubled } from './records-gone.ts';
import { mayBeHidden } from './seeing-all.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/**
 * Organizations that belong to no SAP customer yet, but may carry the code of one: a person wrote it there. They are
 * taken on by the rules of matching; two with one code are left to a person.
 * @returns for how many something followed
 */
export async function adoptOrganizations(
  deps: SyncDeps,
  context: SyncContext,
  organizations: readonly CrmOrganization[],
): Promise<number> {
  const { connection } = context.workplace;
  const { installationId } = context.crmCaller;
  const codeField = context.fields['organization.sap_code'] ?? '';
  const toMatch = new Set<string>();
  let adopted = 0;
  for (const organization of organizations) {
    const code = codeIn(organization, codeField);
    const link = code === null ? undefined : await findLink(code);
    if (link?.state !== 'linked') await resolve(organization.id);
    if (!link) continue;
    switch (link.state) {
      case 'to_create':
        await adopt(link, organization.id);
        adopted += 1;
        break;
      case 'ambiguous':
      case 'gone':
        toMatch.add(link.sapKey);
        break;
      case 'linked':
        if (await isDouble(link, organization)) adopted += 1;
        break;
      case 'creating':
        // Whoever is making it looks for it by this code.
        break;
      default:
        link.state satisfies never;
    }
  }
  if (toMatch.size === 0) return adopted;
  const stream = partnerStream(deps, context);
  await matchAgain(deps, context, stream, [...toMatch], (keys) => deps.erp.getPartners(context.erpCaller, keys));
  return adopted + toMatch.size;

  function findLink(code: string): Promise<EntityLink | undefined> {
    return deps.unitOfWork.within(installationId, (tx) => deps.links.findBySapKey(tx, connection.id, 'partner', code));
  }

  /** Its writing is queued already; it now writes to this one instead of making another. */
  async function adopt(link: EntityLink, organizationId: number): Promise<void> {
    await deps.unitOfWork.within(installationId, async (tx) => {
      await deps.links.save(tx, connection.id, { ...link, pipedriveId: organizationId, state: 'linked' });
      await writeInRun(deps, tx, context, { stream: 'partners', task: 'crm.write-partners', keys: [link.sapKey] });
    });
  }

  /**
   * The code of a customer whose organization is another one. That one may have been merged into this, which then
   * carries the code on.
   * @returns true when something followed
   */
  async function isDouble(link: EntityLink, organization: CrmOrganization): Promise<boolean> {
    if (link.pipedriveId === null) return false;
    if (!(await isThere(link.pipedriveId))) {
      const merged = { id: link.pipedriveId, mergedInto: organization.id };
      return (await loseRecords(deps, context, 'partner', [merged])) > 0;
    }
    await deps.unitOfWork.within(installationId, (tx) =>
      deps.findings.raise(
        tx,
        {
          kind: 'partner_ambiguous',
          subject: `organization:${organization.id}`,
          message: `Organization “${organization.name}” has the SAP code ${link.sapKey}, which belongs to another organization.`,
          action: 'Empty the SAP code of the one that is not meant, or merge the two. Nothing was changed.',
          link: { resource: 'organization', id: organization.id },
        },
        deps.clock.now(),
      ),
    );
    return true;
  }

  /** Whatever a right hides is there. */
  async function isThere(organizationId: number): Promise<boolean> {
    try {
      return !(await deps.crm.getOrganization(context.crmCaller, organizationId)).isDeleted;
    } catch (error) {
      if (error instanceof NotFoundError) return mayBeHidden(deps, context, error);
      if (error instanceof ForbiddenError) return true;
      throw error;
    }
  }

  async function resolve(organizationId: number): Promise<void> {
    await deps.unitOfWork.within(installationId, (tx) => resolveDoubled(deps, tx, organizationId));
  }
}

function codeIn({ customFields }: CrmOrganization, codeField: string): string | null {
  const value = customFields[codeField];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
