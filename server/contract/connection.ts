import { z } from 'zod';
import { DateText, Instant } from './common.ts';

/** Some program between us and SAP ends a text at a zero, and then another user or password is meant. */
const withoutZero = (text: string) => !text.includes('\u0000') && !text.includes('%00');
const ZERO = 'It holds a zero character (%00)';
const Text = (max: number) => z.string().trim().min(1).max(max).refine(withoutZero, ZERO);
const Password = z.string().min(1).max(300).refine(withoutZero, ZERO);
const Pem = z.string().min(1).max(30_000);
const Fingerprint = z.string().trim().min(1).max(200);

/** What a proxy before SAP may ask for: the certificate this app shows of itself, and its key. The key is never given back. */
export const ClientCertificateBody = z.strictObject({ pem: Pem, keyPem: Pem });

/** Only for servers behind a proxy. Values are kept encrypted and never given back. */
export const ProxyBody = z.strictObject({
  /** Sent with every request, the sign-in included, and only after the server's certificate was checked. */
  header: z.strictObject({ name: Text(100), value: z.string().min(1).max(4_000) }).nullable(),
  clientCertificate: ClientCertificateBody.nullable(),
});
export type ProxyBody = z.infer<typeof ProxyBody>;

/** Body of `POST /api/settings/sap/certificate`: look before anything is sent. */
export const CheckAddressBody = z.strictObject({
  address: Text(300),
  /** For a server that shows nothing to somebody without one. */
  clientCertificate: ClientCertificateBody.nullable().optional(),
});
export type CheckAddressBody = z.infer<typeof CheckAddressBody>;

export const CertificateView = z.object({
  /** Normal form of what was typed. */
  address: z.string(),
  /** True: a public authority vouches for the server; nothing to confirm. */
  trusted: z.boolean(),
  /** Why no authority vouches for it. `expired` (or not valid yet): cannot be confirmed either. Null when `trusted`. */
  fault: z.enum(['not_trusted', 'expired', 'wrong_name']).nullable(),
  /** What the server shows; SHA-256 fingerprint as upper-case hex pairs with colons. */
  certificate: z
    .object({ fingerprint: z.string(), subject: z.string(), issuer: z.string(), validFrom: Instant, validTo: Instant })
    .nullable(),
});
export type CertificateView = z.infer<typeof CertificateView>;

/** Body of `POST /api/settings/sap/connection` (new, or new access for the one that is there). The password is never given back. */
export const ConnectBody = z.strictObject({
  address: Text(300),
  companyDb: Text(128),
  userName: Text(128),
  password: Password,
  /** SHA-256 fingerprints a person confirmed, at most three: the one shown, and ones known beforehand for a renewal. */
  confirmedFingerprints: z.array(Fingerprint).max(3),
  /** The customer's own authority, or the server's certificate, as PEM text. */
  pastedPem: Pem.nullable(),
  /** Null: there is none, also where the connection had one. */
  proxy: ProxyBody.nullable(),
});
export type ConnectBody = z.infer<typeof ConnectBody>;

/** Body of `POST /api/settings/sap/sign-in`: new user or password at the same server and company. */
export const ChangeSignInBody = z.strictObject({ userName: Text(128), password: Password });
export type ChangeSignInBody = z.infer<typeof ChangeSignInBody>;

/**
 * Body of `POST /api/settings/sap/trust`; needs no password.
 * `confirm_shown`: the server shows this one now, and a person has compared it; a stopped connection goes on.
 * `add_fingerprint`, `add_pem`: known before the server changes to it. A pasted authority takes the place of what was confirmed.
 * `remove`: this one is no longer accepted, from the next request on.
 * `use_public`: the server has got a certificate that a public authority vouches for.
 */
export const ChangeTrustBody = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('confirm_shown'), fingerprint: Fingerprint }),
  z.strictObject({ change: z.literal('add_fingerprint'), fingerprint: Fingerprint }),
  z.strictObject({ change: z.literal('add_pem'), pem: Pem }),
  z.strictObject({ change: z.literal('remove'), fingerprint: Fingerprint }),
  z.strictObject({ change: z.literal('use_public') }),
]);
export type ChangeTrustBody = z.infer<typeof ChangeTrustBody>;

/** Body of `POST /api/settings/sap/proxy`: what a proxy before SAP asks for, all of it anew; needs no password. */
export const ChangeProxyBody = z.strictObject({ proxy: ProxyBody.nullable() });
export type ChangeProxyBody = z.infer<typeof ChangeProxyBody>;

export const TrustView = z.object({
  /** `public`: verified, not pinned. `authority`: the customer's own. `confirmed`: exactly the certificates in `slots`. */
  kind: z.enum(['public', 'authority', 'confirmed']),
  slots: z.array(
    z.object({
      fingerprint: z.string(),
      /** False: only its fingerprint is known; the server has not shown it yet. */
      seen: z.boolean(),
      subject: z.string().nullable(),
      validTo: DateText.nullable(),
    }),
  ),
  authority: z.object({ subject: z.string(), validTo: DateText }).nullable(),
  /** Until when the certificate is valid that the server showed when it was last looked at (daily). */
  servedValidTo: DateText.nullable(),
});
export type TrustView = z.infer<typeof TrustView>;

export const ConnectionView = z.object({
  id: z.string(),
  address: z.string(),
  companyDb: z.string(),
  companyName: z.string(),
  userName: z.string(),
  state: z.enum(['connected', 'password_refused', 'certificate_changed']),
  trust: TrustView,
  proxy: z
    .object({
      headerName: z.string().nullable(),
      clientCertificate: z.object({ subject: z.string(), validTo: DateText }).nullable(),
    })
    .nullable(),
});
export type ConnectionView = z.infer<typeof ConnectionView>;
