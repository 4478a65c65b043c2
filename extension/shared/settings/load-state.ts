import type { LoadProgressView, SettingsView } from '../../../server/contract/settings.ts';

/** True while customers or items are on their way into Pipedrive for the first time, or about to be. */
export function isLoading({ connection, consent, firstLoad }: SettingsView): boolean {
  return connection !== null && consent.crmFields && firstLoad.streams.some(({ state }) => state !== 'done');
}

/** Records that are through: written, found equal, or put aside for a person to decide. */
export function settledCount({ written, unchanged, waiting }: LoadProgressView): number {
  return written + unchanged + waiting;
}
