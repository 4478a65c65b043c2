import { X509Certificate } from 'node:crypto';
import type { Trust } from '../../server/app/ports/installation-store.ts';

/** As after a person confirmed exactly these certificates. */
export function pinnedTo(...certificates: readonly string[]): Trust {
  return {
    kind: 'pinned',
    slots: certificates.map((pem) => ({ fingerprint: new X509Certificate(pem).fingerprint256, pem })),
  };
}
