import type { RefusedCertificate } from '../ports/erp-access.ts';
import type { Connection, Trust } from '../ports/installation-store.ts';

export interface Words {
  readonly message: string;
  readonly action: string;
}

const NOT_SENT = 'The password was not sent.';

/** What a person reads about a server whose certificate cannot be accepted: what was confirmed, and what is shown now. */
export function refusedWords({ address, trust }: Connection, { fault, fingerprint }: RefusedCertificate): Words {
  switch (fault) {
    case 'not_trusted':
      return {
        message: `The server at ${address} shows a certificate that ${notAccepted(trust)}. Shown now: ${fingerprint}. ${NOT_SENT}`,
        action:
          'Ask your SAP partner whether the certificate was renewed, and compare. If so, confirm the new one in the app settings.',
      };
    case 'expired':
      return {
        message: `The certificate of the server at ${address} is not valid at this date: ${fingerprint}. ${NOT_SENT}`,
        action:
          'Ask your SAP partner to renew it, then confirm the new one in the app settings. Deals wait until then; nothing is lost.',
      };
    case 'wrong_name':
      return {
        message: `The certificate of the server at ${address} is made out to another name: ${fingerprint}. ${NOT_SENT}`,
        action: 'Ask your SAP partner to correct it, or confirm exactly this certificate in the app settings.',
      };
    default:
      return fault satisfies never;
  }
}

function notAccepted(trust: Trust): string {
  switch (trust.kind) {
    case 'public':
      return 'no public authority vouches for any more';
    case 'authority':
      return 'your own authority does not vouch for';
    case 'pinned':
      return `was not confirmed. Confirmed: ${trust.slots.map(({ fingerprint }) => fingerprint).join(' or ')}`;
    default:
      return trust satisfies never;
  }
}

export function expiringWords({ address, trust }: Connection, validTo: Date): Words {
  const renewed =
    trust.kind === 'pinned'
      ? 'Ask your SAP partner for the next certificate before it is put in place, and add it or its fingerprint in the app settings: then nothing stops on the day of the change.'
      : 'Ask your SAP partner to renew it. Nothing has to be done here if the same authority issues the new one.';
  return {
    message: `The certificate of the SAP server at ${address} is valid until ${validTo.toISOString().slice(0, 10)}. After that nothing is read or sent.`,
    action: renewed,
  };
}
