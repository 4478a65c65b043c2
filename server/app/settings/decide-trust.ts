import type { ConnectBody } from '../../contract/connection.ts';
import { InvalidInputError } from '../../kernel/errors.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { CertificateLook, ErpOnboarding, SeenCertificate } from '../ports/erp-onboarding.ts';
import type { ErpProxy, Trust, TrustSlot } from '../ports/installation-store.ts';
import { pinnedTo, readFingerprint } from '../trust-slots.ts';

export interface DecideTrustDeps {
  readonly deadline: Deadline;
  readonly onboarding: ErpOnboarding;
}

export interface DecidedTrust {
  readonly trust: Trust;
  readonly shown: SeenCertificate;
}

const LOOK_MS = 10_000;

export function makeLook({ onboarding, deadline }: DecideTrustDeps) {
  return (address: string, trust: Trust, proxy: ErpProxy | null, signal: AbortSignal): Promise<CertificateLook> =>
    onboarding.lookAtCertificate({ address, trust, proxy }, deadline(LOOK_MS, signal));
}

/**
 * What a connection trusts from now on: a public authority where one vouches, else what a person pasted or confirmed, and
 * only if the server shows it now.
 */
export function makeDecideTrust(deps: DecideTrustDeps) {
  const look = makeLook(deps);

  /** @throws {InvalidInputError} {UnavailableError} */
  return async function decideTrust(
    address: string,
    { confirmedFingerprints, pastedPem }: Pick<ConnectBody, 'confirmedFingerprints' | 'pastedPem'>,
    proxy: ErpProxy | null,
    signal: AbortSignal,
  ): Promise<DecidedTrust> {
    const confirmed = confirmedFingerprints.map((typed) => readFingerprint(typed, 'confirmedFingerprints'));
    const pasted = pastedPem === null ? undefined : deps.onboarding.readTrust(pastedPem);
    if (pasted?.kind === 'authority') {
      if (confirmed.length > 0) throw problem('trust_both', BOTH, 'pastedPem');
      const trust = { kind: 'authority', pem: pasted.pem } as const;
      const seen = await look(address, trust, proxy, signal);
      return { trust: underAuthority(trust, seen), shown: seen.certificate };
    }
    const slots: TrustSlot[] = confirmed.map((fingerprint) => ({ fingerprint, pem: null }));
    if (pasted) slots.push({ fingerprint: pasted.fingerprint, pem: pasted.pem });
    const seen = await look(address, { kind: 'public' }, proxy, signal);
    return { trust: underSlots(slots, seen), shown: seen.certificate };
  };
}

const BOTH = 'Give either the certificate of your own authority or fingerprints, not both.';

/** @throws {InvalidInputError} when the authority does not vouch for what was shown */
export function underAuthority(trust: Trust & { kind: 'authority' }, { fault, certificate }: CertificateLook): Trust {
  if (fault === null) return trust;
  const { fingerprint, pem } = certificate;
  // Many self-made certificates call themselves an authority: the pasted one is then the server's own.
  if (fault !== 'expired' && trust.pem.includes(pem)) return { kind: 'pinned', slots: [{ fingerprint, pem }] };
  throw refusedCertificate(fault, 'pastedPem');
}

/** @throws {InvalidInputError} when nobody vouches for what was shown */
function underSlots(slots: readonly TrustSlot[], { fault, certificate }: CertificateLook): Trust {
  if (fault === null) return { kind: 'public' };
  if (fault === 'expired') throw refusedCertificate(fault, 'address');
  const { fingerprint, pem } = certificate;
  if (slots.some((slot) => slot.fingerprint === fingerprint)) {
    return pinnedTo([{ fingerprint, pem }, ...slots], 'confirmedFingerprints');
  }
  const message =
    slots.length === 0
      ? 'No public authority vouches for this server. Compare its fingerprint with your SAP partner, then confirm it.'
      : 'The server shows another certificate than the one that was confirmed. Do not continue before your SAP partner has explained it.';
  throw problem('certificate_not_confirmed', message, 'confirmedFingerprints');
}

const REFUSED: Record<NonNullable<CertificateLook['fault']>, string> = {
  not_trusted:
    'The authority you pasted did not issue the certificate that the server shows. Ask your SAP partner for the right one.',
  expired:
    'The server’s certificate is no longer valid, or not yet. Whoever runs the server has to renew it; it cannot be confirmed.',
  wrong_name:
    'The server’s certificate is made out to another name. Use the name it was made for, or ask whoever runs the server.',
};

export function refusedCertificate(fault: NonNullable<CertificateLook['fault']>, at: string): InvalidInputError {
  return problem(`certificate_${fault}`, REFUSED[fault], at);
}

function problem(code: string, message: string, at: string): InvalidInputError {
  return new InvalidInputError([{ code, message, at }]);
}
