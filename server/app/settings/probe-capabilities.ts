import type { Clock } from '../../kernel/clock.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { ErpCaller } from '../ports/erp.ts';
import type { CapabilityStore, ErpCapabilities, ErpCapabilityProbe } from '../ports/erp-capabilities.ts';
import type { Connection } from '../ports/installation-store.ts';
import { findWorkplace, type TenantDeps } from '../tenant.ts';

export interface ProbeCapabilitiesDeps extends TenantDeps {
  readonly clock: Clock;
  readonly capabilities: CapabilityStore;
  readonly capabilityProbe: ErpCapabilityProbe;
}

/** Asks the connected SAP system what it can do, and keeps the answer. Nothing to do while the connection waits for a person. */
export function makeProbeCapabilities(deps: ProbeCapabilitiesDeps) {
  return async function probeCapabilities(
    id: InstallationId,
    connectionId: ConnectionId,
    signal: AbortSignal,
    /** The company's distance from UTC, where it has just been measured in another way. */
    offsetMinutes: number | null = null,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id, connectionId);
    if (workplace?.connection.status !== 'active') return;
    const before = await deps.unitOfWork.within(id, (tx) => deps.capabilities.find(tx, connectionId));
    const caller: ErpCaller = { installationId: id, connectionId, priority: 'background', signal };
    const found = await deps.capabilityProbe.probeCapabilities(caller, before?.record.clock ?? null);
    const record = offsetMinutes === null ? found : withOffset(found, offsetMinutes);
    await keep(id, workplace.connection, record);
  };

  /** Of another server, or another user, that took the place of the one that was asked, it says nothing. */
  async function keep(id: InstallationId, asked: Connection, record: ErpCapabilities): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const present = (await deps.connections.list(tx)).some((one) => one.id === asked.id);
      if (!present || !isSameAccess(await deps.connections.lock(tx, asked.id), asked)) return;
      await deps.capabilities.save(tx, asked.id, record, deps.clock.now());
    });
  }
}

function isSameAccess(one: Connection, other: Connection): boolean {
  return one.address === other.address && one.companyDb === other.companyDb && one.userName === other.userName;
}

function withOffset(record: ErpCapabilities, offsetMinutes: number): ErpCapabilities {
  return { ...record, clock: { ...record.clock, offsetMinutes } };
}
