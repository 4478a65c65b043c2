import { X509Certificate } from 'node:crypto';
import type { ConnectionView, TrustView } from '../../contract/connection.ts';
import type { Connection } from '../ports/installation-store.ts';

/** What the settings page shows of a connection: nothing that is secret. */
export function viewConnection(connection: Connection): ConnectionView {
  const { id, address, companyDb, label, userName, status, proxy } = connection;
  return {
    id,
    address,
    companyDb,
    companyName: label,
    userName,
    state: status === 'password_refused' || status === 'certificate_changed' ? status : 'connected',
    trust: viewTrust(connection),
    proxy: proxy && {
      headerName: proxy.headerName,
      clientCertificate: proxy.clientCertificatePem === null ? null : viewCertificate(proxy.clientCertificatePem),
    },
  };
}

function viewTrust({ trust, look }: Connection): TrustView {
  const servedValidTo = look ? dayOf(look.validTo) : null;
  switch (trust.kind) {
    case 'public':
      return { kind: 'public', slots: [], authority: null, servedValidTo };
    case 'authority':
      return { kind: 'authority', slots: [], authority: viewCertificate(trust.pem), servedValidTo };
    case 'pinned': {
      const slots = trust.slots.map(({ fingerprint, pem }) => {
        const { subject, validTo } = pem === null ? { subject: null, validTo: null } : viewCertificate(pem);
        return { fingerprint, seen: pem !== null, subject, validTo };
      });
      return { kind: 'confirmed', slots, authority: null, servedValidTo };
    }
    default:
      return trust satisfies never;
  }
}

function viewCertificate(pem: string): { subject: string; validTo: string } {
  const { subject, validTo } = new X509Certificate(pem);
  return { subject: subject.split('\n').join(', ').slice(0, 500), validTo: dayOf(new Date(validTo)) };
}

function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
