import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface PracticeCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** SHA-256 over the certificate, uppercase hex with colons. */
  readonly fingerprint256: string;
}

/** A self-signed certificate for localhost, as most Service Layers have one. Made anew at every start, kept in memory. */
export async function makeCertificate(): Promise<PracticeCertificate> {
  const made = await generate([{ name: 'commonName', value: 'practice-sap.localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const { fingerprint256 } = new X509Certificate(made.cert);
  return { certificatePem: made.cert, privateKeyPem: made.private, fingerprint256 };
}
