import { contentHash, type Json } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { ErpAccessStore, StoredErpAccess } from '../ports/erp-access.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { ConnectionStore, ErpProxy, Trust } from '../ports/installation-store.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { filledWith } from '../trust-slots.ts';
import { refusedWords } from './certificate-words.ts';

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
  async function open(tx: Tx, connectionId: ConnectionId): Promise<StoredErpAccess> {
    const connection = await deps.connections.get(tx, connectionId);
    if (connection.status === 'disconnected') throw new NotFoundError('SAP is not connected.');
    const password = await deps.connections.openPassword(tx, connectionId);
    const proxy = connection.proxy && (await deps.connections.openProxy(tx, connectionId));
    const { address, companyDb, userName, trust, localCurrency, timeZone, refusedPasswords } = connection;
    const version = contentHash({
      address,
      companyDb,
      userName,
      trust: trustVersion(trust),
      password: password.reveal(),
      proxy: proxy && proxyVersion(proxy),
    });
    const capabilities = connection.capabilities?.record;
    const known = { localCurrency, timeZone, capabilities };
    return { address, companyDb, userName, password, trust, proxy, ...known, version, refusedPasswords };
  }

  /** A person may have changed the access while a request under it was under way; nobody can from here on. */
  async function isCurrent(tx: Tx, connectionId: ConnectionId, version: string): Promise<boolean> {
    const { status } = await deps.connections.lock(tx, connectionId);
    return status !== 'disconnected' && (await open(tx, connectionId)).version === version;
  }

  return {
    load: (id, connectionId) => deps.unitOfWork.within(id, (tx) => open(tx, connectionId)),

    passwordRefused: (id, connectionId, version) =>
      deps.unitOfWork.within(id, async (tx) => {
        if (!(await isCurrent(tx, connectionId, version))) return 0;
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

    passwordAccepted: (id, connectionId, version) =>
      deps.unitOfWork.within(id, async (tx) => {
        if (await isCurrent(tx, connectionId, version)) await deps.connections.resetRefusedPasswords(tx, connectionId);
      }),

    sessionRefused: (id, connectionId) =>
      deps.unitOfWork.within(id, async (tx) => {
        const { status, userName } = await deps.connections.get(tx, connectionId);
        if (status === 'disconnected') return;
        await deps.findings.raise(
          tx,
          {
            kind: 'session_refused',
            subject: `connection:${connectionId}`,
            message: `SAP accepts the sign-in of user “${userName}”, but then does not know the session. It is tried again, less and less often.`,
            action:
              'Ask your SAP partner to look at the Service Layer: a proxy may take its cookies away, or one of its nodes may be broken.',
            link: { resource: 'settings', id: null },
          },
          deps.clock.now(),
        );
      }),

    sessionAccepted: (id, connectionId) =>
      deps.unitOfWork.within(id, (tx) =>
        deps.findings.resolve(tx, 'session_refused', `connection:${connectionId}`, deps.clock.now()),
      ),

    certificateRefused: (id, connectionId, seen, version) =>
      deps.unitOfWork.within(id, async (tx) => {
        if (!(await isCurrent(tx, connectionId, version))) return;
        const connection = await deps.connections.get(tx, connectionId);
        if (!(await deps.connections.setStatus(tx, connectionId, 'certificate_changed'))) return;
        await deps.findings.raise(
          tx,
          {
            kind: 'certificate_changed',
            subject: `connection:${connectionId}`,
            ...refusedWords(connection, seen),
            link: { resource: 'settings', id: null },
          },
          deps.clock.now(),
        );
      }),

    certificateFilled: (id, connectionId, slot) =>
      deps.unitOfWork.within(id, async (tx) => {
        const { trust } = await deps.connections.lock(tx, connectionId);
        await deps.connections.setTrust(tx, connectionId, filledWith(trust, slot));
      }),
  };
}

/** By fingerprints alone: sockets outlive that a certificate became known, and nothing else. */
function trustVersion(trust: Trust): Json {
  switch (trust.kind) {
    case 'public':
      return 'public';
    case 'authority':
      return { authority: trust.pem };
    case 'pinned':
      return trust.slots.map(({ fingerprint }) => fingerprint);
    default:
      return trust satisfies never;
  }
}

function proxyVersion({ header, clientCertificate }: ErpProxy): Json {
  return {
    header: header && [header.name, header.value.reveal()],
    clientCertificate: clientCertificate && [clientCertificate.pem, clientCertificate.key.reveal()],
  };
}
