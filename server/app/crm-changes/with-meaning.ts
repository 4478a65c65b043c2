import type { InstallationId } from '../../kernel/ids.ts';
import type { CrmChange, CrmEntity } from '../ports/crm-changes.ts';
import type { HandoffStore } from '../ports/handoff-store.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import type { LinkKind, LinkStore } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';

export interface MeaningDeps extends TenantDeps {
  readonly handoffs: Pick<HandoffStore, 'listDealsOnRecord'>;
  readonly links: Pick<LinkStore, 'findByPipedriveIds'>;
  readonly grants: Pick<GrantStore, 'findByUser'>;
}

/** Those from which anything could follow; the others are not worth a token. */
export async function withMeaning(
  deps: MeaningDeps,
  id: InstallationId,
  entity: CrmEntity,
  waiting: readonly CrmChange[],
): Promise<readonly CrmChange[]> {
  const workplace = await findWorkplace(deps, id);
  return deps.unitOfWork.within(id, async (tx) => {
    if (entity === 'user') return ofGrants(tx, waiting);
    if (!workplace) return [];
    switch (entity) {
      case 'deal':
        return workplace.settings.handoff.enabled ? waiting : onRecord(tx, workplace, waiting);
      case 'organization':
        // One without a link may have been given the SAP code of a customer that waits for it.
        return workplace.settings.crmFieldsAgreed ? waiting : [];
      case 'person':
        return linked(tx, workplace, 'contact', waiting);
      case 'product':
        return linked(tx, workplace, 'item', waiting);
      default:
        return entity satisfies never;
    }
  });

  async function ofGrants(tx: Tx, changes: readonly CrmChange[]): Promise<readonly CrmChange[]> {
    const kept: CrmChange[] = [];
    for (const change of changes) if (await deps.grants.findByUser(tx, change.id)) kept.push(change);
    return kept;
  }

  async function onRecord(
    tx: Tx,
    { connection }: Workplace,
    changes: readonly CrmChange[],
  ): Promise<readonly CrmChange[]> {
    const known = await deps.handoffs.listDealsOnRecord(tx, connection.id, changes.map(idOf));
    return changes.filter((change) => known.has(change.id));
  }

  async function linked(
    tx: Tx,
    { connection }: Workplace,
    kind: LinkKind,
    changes: readonly CrmChange[],
  ): Promise<readonly CrmChange[]> {
    const links = await deps.links.findByPipedriveIds(tx, connection.id, kind, changes.map(idOf));
    const ids = new Set(links.map(({ pipedriveId }) => pipedriveId));
    return changes.filter((change) => ids.has(change.id));
  }
}

const idOf = ({ id }: CrmChange): number => id;
