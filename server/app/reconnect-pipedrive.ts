import type { FindingStore } from './ports/finding-store.ts';
import type { InstallationStore } from './ports/installation-store.ts';
import type { Tx } from './ports/unit-of-work.ts';

export interface ReconnectDeps {
  readonly installations: Pick<InstallationStore, 'setStatus'>;
  readonly findings: Pick<FindingStore, 'raise'>;
}

/** With the last good grant gone, everything waits for somebody to reconnect: one message says so. */
export async function waitForReconnect({ installations, findings }: ReconnectDeps, tx: Tx, now: Date): Promise<void> {
  await installations.setStatus(tx, 'reauth_required');
  await findings.raise(
    tx,
    {
      kind: 'reconnect_pipedrive',
      subject: 'installation',
      message: 'Pipedrive no longer accepts this app’s access. Nothing is lost; everything waits.',
      action: 'An admin installs the app again from the app settings.',
      link: { resource: 'settings', id: null },
    },
    now,
  );
}
