import { contentHash } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { ErpAccessStore, RefusedCertificate } from '../ports/erp-access.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { ConnectionStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

/** Refusals after which nothing more is sent: SAP locks users that go on. */
const MOST_REFUSALS = 2;

export interface ErpAccessDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly connections: ConnectionStore;
  readonly findings: FindingStore;
}

/** The stored connection, as the SAP client needs it, and what becomes of its reports. */
export function createErpAccess(deps: ErpAccessDeps): ErpAccessStore {
  return {
    load: (id, connectionId) =>
      deps.unitOfWork.within(id, async (tx) => {
        const connection = await deps.connections.get(tx, connectionId);
        if (connection.status === 'disconnected') throw new NotFoundError('SAP is not connected.');
        const password = await deps.connections.openPassword(tx, connectionId);
        const { address, companyDb, userName, trust, localCurrency, timeZone, refusedPasswords } = connection;
        const version = contentHash({
          address,
          companyDb,
          userName,
          trust: trust.kind === 'public' ? 'public' : trust.certificates,
          password: password.reveal(),
        });
        return { address, companyDb, userName, password, trust, localCurrency, timeZone, version, refusedPasswords };
      }),

    passwordRefused: (id: InstallationId, connectionId: ConnectionId) =>
      deps.unitOfWork.within(id, async (tx) => {
        const count = await deps.connections.countRefusedPassword(tx, connectionId);
        if (count < MOST_REFUSALS) return count;
        const connection = await deps.connections.get(tx, connectionId);
        if (!(await deps.connections.setStatus(tx, connectionId, 'password_refused'))) return count;
        await deps.findings.raise(
          tx,
          {
            kind: 'password_refused',
            subject: `connection:${connectionId}`,
            message: `SAP refuses user “${connection.userName}” or its password for company ${connection.companyDb}. Nothing more is tried, so that SAP does not lock the user.`,
            action: 'Enter the current password in the app settings. Deals wait until then; nothing is lost.',
            link: { resource: 'settings', id: null },
          },
          deps.clock.now(),
        );
        return count;
      }),

    passwordAccepted: (id, connectionId) =>
      deps.unitOfWork.within(id, (tx) => deps.connections.resetRefusedPasswords(tx, connectionId)),

    certificateRefused: (id, connectionId, seen) =>
      deps.unitOfWork.within(id, async (tx) => {
        const connection = await deps.connections.get(tx, connectionId);
        if (!(await deps.connections.setStatus(tx, connectionId, 'certificate_changed'))) return;
        await deps.findings.raise(
          tx,
          {
            kind: 'certificate_changed',
            subject: `connection:${connectionId}`,
            ...certificateWords(connection.address, seen),
            link: { resource: 'settings', id: null },
          },
          deps.clock.now(),
        );
      }),
  };
}

function certificateWords(
  address: string,
  { fault, fingerprint }: RefusedCertificate,
): { readonly message: string; readonly action: string } {
  const notSent = 'The password was not sent.';
  switch (fault) {
    case 'not_trusted':
      return {
        message: `The server at ${address} shows a certificate that was not confirmed: ${fingerprint}. ${notSent}`,
        action:
          'Ask your SAP partner whether the certificate was renewed. If so, confirm the new one in the app settings.',
      };
    case 'expired':
      return {
        message: `The certificate of the server at ${address} is not valid at this date. ${notSent}`,
        action:
          'Ask your SAP partner to renew it, then confirm the new one in the app settings. Deals wait until then; nothing is lost.',
      };
    case 'wrong_name':
      return {
        message: `The certificate of the server at ${address} is made out to another name: ${fingerprint}. ${notSent}`,
        action: 'Ask your SAP partner to correct it, or confirm it in the app settings.',
      };
    default:
      return fault satisfies never;
  }
}
