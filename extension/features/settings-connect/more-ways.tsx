import type { ProxyBody } from '../../../server/contract/connection.ts';
import { problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { More } from '../../shared/ui/more.tsx';

/** What a server may want besides an address; all of it may be empty. */
export interface MoreWays {
  readonly pem: string;
  readonly nextFingerprint: string;
  readonly headerName: string;
  readonly headerValue: string;
  readonly clientPem: string;
  readonly clientKey: string;
}

export const NO_MORE: MoreWays = {
  pem: '',
  nextFingerprint: '',
  headerName: '',
  headerValue: '',
  clientPem: '',
  clientKey: '',
};

/** Fields of this part that show their own problem. */
export const MORE_FIELDS = [
  'pastedPem',
  'confirmedFingerprints',
  'proxy.header.name',
  'proxy.header.value',
  'proxy.clientCertificate',
];

/** What a proxy before SAP asks for; null: there is none. Half of a pair is sent as it is: the server says what is missing. */
export function proxyOf(more: MoreWays): ProxyBody | null {
  const header =
    more.headerName.trim() || more.headerValue ? { name: more.headerName.trim(), value: more.headerValue } : null;
  const clientCertificate = clientOf(more);
  return header || clientCertificate ? { header, clientCertificate } : null;
}

export function clientOf({ clientPem, clientKey }: MoreWays): ProxyBody['clientCertificate'] {
  return clientPem.trim() || clientKey.trim() ? { pem: clientPem, keyPem: clientKey } : null;
}

interface MoreWaysProps {
  readonly more: MoreWays;
  readonly error: unknown;
  readonly onChange: (more: MoreWays) => void;
}

/** For servers that need more than an address and a look at their certificate. */
export function MoreWaysPart({ more, error, onChange }: MoreWaysProps) {
  return (
    <More title="More ways to connect">
      <Field
        label="Certificate of the server, or of your own authority"
        hint="Text that begins with -----BEGIN CERTIFICATE-----. With it nothing needs to be compared by eye"
        value={more.pem}
        onChange={(pem) => onChange({ ...more, pem })}
        error={problemAt(error, 'pastedPem')}
        lines={4}
        maxLength={30_000}
        optional
      />
      <Field
        label="Fingerprint of the next certificate"
        hint="SHA-256, if your SAP partner knows it already: the change then needs nobody"
        value={more.nextFingerprint}
        onChange={(nextFingerprint) => onChange({ ...more, nextFingerprint })}
        error={problemAt(error, 'confirmedFingerprints')}
        maxLength={200}
        optional
      />
      <ProxyFields more={more} error={error} onChange={onChange} />
    </More>
  );
}

/** For a proxy before SAP that wants a header or a client certificate. */
export function ProxyFields({ more, error, onChange }: MoreWaysProps) {
  return (
    <>
      <Field
        label="Header that a proxy asks for: name"
        hint="Only if your network administrator names one, for example X-Access-Key"
        value={more.headerName}
        onChange={(headerName) => onChange({ ...more, headerName })}
        error={problemAt(error, 'proxy.header.name')}
        maxLength={100}
        optional
      />
      <Field
        label="Header that a proxy asks for: value"
        hint="Kept encrypted, never shown again"
        type="password"
        autoComplete="new-password"
        value={more.headerValue}
        onChange={(headerValue) => onChange({ ...more, headerValue })}
        error={problemAt(error, 'proxy.header.value')}
        maxLength={4_000}
        optional
      />
      <Field
        label="Client certificate"
        hint="Text that begins with -----BEGIN CERTIFICATE-----"
        value={more.clientPem}
        onChange={(clientPem) => onChange({ ...more, clientPem })}
        error={problemAt(error, 'proxy.clientCertificate')}
        lines={3}
        maxLength={30_000}
        optional
      />
      <Field
        label="Key of the client certificate"
        hint="Without a password of its own. Kept encrypted, never shown again"
        value={more.clientKey}
        onChange={(clientKey) => onChange({ ...more, clientKey })}
        lines={3}
        maxLength={30_000}
        optional
      />
    </>
  );
}
