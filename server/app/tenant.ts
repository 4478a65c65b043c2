import { ConflictError, NotFoundError } from '../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../kernel/ids.ts';
import type { Connection, ConnectionStore, Installation, InstallationStore } from './ports/installation-store.ts';
import type { Settings, SettingsStore } from './ports/settings-store.ts';
import type { UnitOfWork } from './ports/unit-of-work.ts';

export interface TenantDeps {
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly settings: SettingsStore;
}

/** As much of it as finding the workplace takes. */
export interface TenantReads {
  readonly unitOfWork: UnitOfWork;
  readonly installations: Pick<InstallationStore, 'get'>;
  readonly connections: Pick<ConnectionStore, 'list'>;
  readonly settings: Pick<SettingsStore, 'get'>;
}

/** What most use cases start from: the installation, its SAP connection and what the admin decided. */
export interface Workplace {
  readonly installation: Installation;
  readonly connection: Connection;
  readonly settings: Settings;
}

/** The workplace if there is a connection that may be used. */
export async function findWorkplace(
  deps: TenantReads,
  id: InstallationId,
  connectionId?: ConnectionId,
): Promise<Workplace | undefined> {
  return deps.unitOfWork.within(id, async (tx) => {
    const installation = await deps.installations.get(tx);
    if (installation.status === 'uninstalled') return undefined;
    const connections = await deps.connections.list(tx);
    const connection = connectionId ? connections.find((one) => one.id === connectionId) : connections[0];
    if (!connection) return undefined;
    const { settings } = await deps.settings.get(tx, connection.id);
    return { installation, connection, settings };
  });
}

/** Whether records are synced now: connected on both sides, and agreed to. */
export function isSyncing({ installation, connection, settings }: Workplace): boolean {
  return installation.status === 'active' && connection.status === 'active' && settings.crmFieldsAgreed;
}

/**
 * For what a person asks for.
 * @throws {NotFoundError} when SAP is not connected yet
 * @throws {ConflictError} while everything is being removed: nothing new begins then
 */
export async function getWorkplace(deps: TenantDeps, id: InstallationId): Promise<Workplace> {
  const workplace = await findWorkplace(deps, id);
  if (!workplace) throw new NotFoundError('SAP is not connected yet. An admin connects it in the app settings.');
  if (workplace.installation.status === 'removing')
    throw new ConflictError('What this app stores of your company is being removed. Nothing is sent to SAP any more.');
  return workplace;
}
