import type { CapabilitiesView } from '../../contract/sap-checks.ts';
import type { CapabilityStore, ErpCapabilities } from '../ports/erp-capabilities.ts';
import type { Principal } from '../principal.ts';
import { getWorkplace, type TenantDeps } from '../tenant.ts';
import { factsOf, guardOf } from './capability-facts.ts';

export interface ViewCapabilitiesDeps extends TenantDeps {
  readonly capabilities: CapabilityStore;
}

/** What the connected SAP system was found to be able to do. @throws {NotFoundError} when SAP is not connected */
export function makeViewCapabilities(deps: ViewCapabilitiesDeps) {
  return async function viewCapabilities(principal: Principal): Promise<CapabilitiesView> {
    const { connection } = await getWorkplace(deps, principal.installationId);
    const known = await deps.unitOfWork.within(principal.installationId, (tx) =>
      deps.capabilities.find(tx, connection.id),
    );
    return {
      probedAt: known?.at.toISOString() ?? null,
      handoffGuard: guardOf(known?.record),
      facts: known ? factsOf(known.record, connection.timeZone) : [],
      record: known ? recordView(known.record) : null,
    };
  };
}

function recordView({ clock, companyName: _name, ...record }: ErpCapabilities): CapabilitiesView['record'] {
  const { stamps, offsetMinutes, skewMs } = clock;
  return { ...record, stamps, offsetMinutes, clockSkewMs: skewMs };
}
