import type { InstallationId } from '../kernel/ids.ts';

/** Who calls, as a verified token says; never taken from a URL or a body. */
export interface Principal {
  readonly installationId: InstallationId;
  /** Pipedrive's company id, as text. */
  readonly companyId: string;
  readonly userId: number;
  /** Admin of the Pipedrive company, as last heard with the person's own grant; see `isAdminNow`. */
  readonly isAdmin: boolean;
}
