import type { Rhythm } from '../../domain/webhook-silence.ts';
import type { Finding } from '../ports/finding-store.ts';

export type Words = Pick<Finding, 'message' | 'action'>;

const LOOKED_FOR = 'What changed meanwhile is being looked for.';

/** @param status what a delivery got */
export function turnedAwayWords(status: number): Words {
  return {
    message: `Pipedrive’s notifications were turned away (status ${status}) at the address of this app. They were set up anew.`,
    action: `${LOOKED_FOR} If this stays, let whoever runs this app check that what stands between it and the internet passes on everything below /webhooks/pipedrive.`,
  };
}

export function silenceWords({ lastAt }: Pick<Rhythm, 'lastAt'>): Words {
  const last = lastAt ? `${lastAt.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'the beginning';
  return {
    message: `Pipedrive has not notified this app since ${last}, unlike a week ago. Its notifications were set up anew.`,
    action: `${LOOKED_FOR} On a holiday, press Done. If it comes back, check that the address of this app can be reached from the internet, and tell support.`,
  };
}

const WHAT: Readonly<Record<string, string>> = {
  deal: 'Deals',
  organization: 'Organizations',
  person: 'People',
  product: 'Products',
};

/** @param object as webhooks name it */
export function unheardWords(object: string): Words {
  return {
    message: `${WHAT[object] ?? 'Records'} changed in Pipedrive, and this app was not notified. Its notifications were set up anew.`,
    action: `${LOOKED_FOR} If it comes back, check that the address of this app can be reached from the internet, and tell support.`,
  };
}
