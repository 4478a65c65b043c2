import { after } from '../../kernel/clock.ts';
import { RateLimitedError } from '../../kernel/errors.ts';
import { isStale, makeEnsureCrmFields } from '../ensure-crm-fields.ts';
import { canMatch } from '../matching-fields.ts';
import { optionsFor } from '../ports/crm-field-store.ts';
import type { ErpPartner } from '../ports/erp.ts';
import { factsOf, recheckFields, type SyncContext, type SyncDeps } from './sync-deps.ts';

/** A group that Pipedrive takes no option for is not offered anew with every batch. */
const OFFERED_AGAIN_MS = 15 * 60_000;
/** As long as it takes to make a field anew. */
const MADE_ANEW_MS = 60_000;

/**
 * Looks at the app's fields in Pipedrive before they are written into, unless that was done a short while ago: one that
 * somebody renamed or deleted, and a customer group that is new in SAP, are noticed before a record is refused for them.
 * @throws {RateLimitedError} while a field that matching rests on is gone: nobody is brought to Pipedrive without it
 */
export function makeWithCurrentFields(deps: SyncDeps) {
  const ensureCrmFields = makeEnsureCrmFields(deps);

  return async function withCurrentFields(context: SyncContext, partners: readonly ErpPartner[]): Promise<SyncContext> {
    const { crmCaller, erpCaller } = context;
    const { installationId } = crmCaller;
    const now = deps.clock.now();
    const known = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.list(tx));
    const segment = known.find(({ purpose, type }) => purpose === 'organization.segment' && type === 'enum');
    const choices = segment ? optionsFor(segment, erpCaller.connectionId) : [];
    const lacksGroup =
      segment?.seenAt &&
      after(segment.seenAt, OFFERED_AGAIN_MS) <= now &&
      partners.some(({ groupCode }) => groupCode !== null && !choices.some(({ key }) => key === String(groupCode)));
    if (!isStale(known, now) && !lacksGroup) return context;
    await ensureCrmFields(crmCaller, erpCaller, 'look');
    const left = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.list(tx));
    if (left.length < known.length) await recheckFields(deps, context);
    const facts = factsOf(left, erpCaller.connectionId);
    if (!canMatch(facts.fields))
      throw new RateLimitedError('Waits until the fields in Pipedrive are made anew.', after(now, MADE_ANEW_MS));
    return { ...context, ...facts };
  };
}
