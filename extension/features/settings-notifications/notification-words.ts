import type { NotificationsView } from '../../../server/contract/settings.ts';

/** Whether signed notifications are anything to this company: only where a gateway signs them, or was once told to. */
export function isSigned({ signature, recent }: NotificationsView): boolean {
  return signature === 'required' || recent.signed > 0;
}

/** Nothing that would be refused right away can be asked for. */
export function mayRequire({ recent }: NotificationsView): boolean {
  return recent.of > 0 && recent.signed === recent.of;
}

export function signatureSentence(view: NotificationsView): string {
  const { signature, recent } = view;
  if (signature === 'required') {
    return 'Notifications without a signature are refused. Should your gateway stop signing, you are told here, and what changed is looked for all the same.';
  }
  if (mayRequire(view)) {
    return 'Your gateway signs them: all of the last ones were signed. A wrong signature is refused in any case.';
  }
  return `${recent.signed} of the last ${recent.of} were signed. Once all are, unsigned ones can be refused.`;
}
