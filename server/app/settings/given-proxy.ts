import type { ProxyBody } from '../../contract/connection.ts';
import type { ErpProxy } from '../ports/installation-store.ts';

/** A proxy's demands as they came from a form; null where there are none. */
export function givenProxy(body: ProxyBody | null): ErpProxy | null {
  if (!body?.header && !body?.clientCertificate) return null;
  const { header, clientCertificate } = body;
  return {
    header: header && { name: header.name, value: unshown(header.value) },
    clientCertificate: clientCertificate && { pem: clientCertificate.pem, key: unshown(clientCertificate.keyPem) },
  };
}

/** A function is neither printed nor serialised. */
function unshown(text: string): { reveal(): string } {
  return { reveal: () => text };
}
