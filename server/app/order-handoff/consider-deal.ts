import type { InstallationId } from '../../kernel/ids.ts';
import { handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { Crm, CrmCaller, CrmDeal } from '../ports/crm.ts';
import type { Handoff } from '../ports/handoff-store.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { dealNotVisible, waitsForSight } from './deal-not-visible.ts';
import { findDealAnywhere } from './find-deal.ts';
import { makePrepareHandoff, type PrepareHandoffDeps } from './prepare-handoff.ts';

export interface ConsiderDealDeps extends TenantDeps, PrepareHandoffDeps {
  readonly crm: Crm;
}

/**
 * Reads a deal again and brings its hand-off in line with it. Whatever woke it, a webhook or the sweep, is a hint: only
 * what Pipedrive says now counts.
 * `read`: the deal, where whoever calls has read it just now, less than a minute ago; absent: it is read here.
 */
export function makeConsiderDeal(deps: ConsiderDealDeps) {
  const prepareHandoff = makePrepareHandoff(deps);

  return async function considerDeal(
    id: InstallationId,
    dealId: number,
    signal: AbortSignal,
    read?: CrmDeal,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id);
    if (!workplace || workplace.installation.status === 'removing') return;
    const existing = await deps.unitOfWork.within(id, (tx) =>
      deps.handoffs.findByDeal(tx, workplace.connection.id, dealId),
    );
    if (!existing && !workplace.settings.handoff.enabled) return;
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'order', signal };
    const deal = read ?? (await findDealAnywhere(deps.crm, caller, dealId));
    if (!deal) return existing ? parkUnseen(id, existing) : undefined;
    if (existing && deal.status !== 'won') return cancel(id, existing);
    if (!startsByItself(deal, workplace, existing)) return;
    const begun = existing && existing.state !== 'cancelled' && existing.draft !== null;
    if (begun && !waitsForSight(existing)) return putBack(id, existing);
    await prepareHandoff({ workplace, deal, trigger: 'won', byUserId: null, caller });
  };

  /** Nothing says that it is no longer won, so it is not called off: a person is told, once. */
  async function parkUnseen(id: InstallationId, handoff: Handoff): Promise<void> {
    if (handoff.trigger === 'person' || handoff.sent || waitsForSight(handoff)) return;
    const problem = dealNotVisible(handoff.dealId);
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      if (!(await deps.handoffs.refuse(tx, handoff.id, [problem], now))) return;
      await deps.findings.raise(
        tx,
        {
          kind: 'deal_not_ready',
          subject: `deal:${handoff.dealId}`,
          message: problem.message,
          action:
            'Restore the deal, or let an admin who sees all deals install the app. If it is gone for good, press Done.',
          link: { resource: 'deal', id: handoff.dealId },
        },
        now,
      );
    });
  }

  /** A deal that was won and is no longer: what never left us is called off, what left is SAP's. A person's own send stays. */
  async function cancel(id: InstallationId, handoff: Handoff): Promise<void> {
    if (handoff.trigger === 'person' || handoff.sent) return;
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      if (!(await deps.handoffs.cancel(tx, handoff.id, now))) return;
      for (const kind of ['deal_not_ready', 'order_refused'] as const) {
        await deps.findings.resolve(tx, kind, `deal:${handoff.dealId}`, now);
      }
      await deps.audit.append(tx, {
        verb: 'handoff_cancelled',
        source: { system: 'pipedrive', key: `deal:${handoff.dealId}`, version: null },
        target: `handoff:${handoff.key}`,
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: null,
        at: now,
      });
      await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
    });
  }

  /** On its way already: makes sure that somebody is carrying it. */
  async function putBack(id: InstallationId, handoff: Handoff): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      if (handoff.state === 'pending') await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff));
    });
  }
}

/**
 * Only a deal won after the switch was turned on starts by itself, however often it is edited. One that is on record
 * already was: switching off and on again does not make it history.
 */
function startsByItself(deal: CrmDeal, { settings }: Workplace, existing: Handoff | undefined): boolean {
  const { enabled, startsAt } = settings.handoff;
  if (!enabled || !startsAt || !settings.erpFieldAgreed || deal.status !== 'won' || deal.wonAt === null) return false;
  const onRecord = existing !== undefined && existing.state !== 'cancelled';
  return onRecord || deal.wonAt >= new Date(startsAt);
}
