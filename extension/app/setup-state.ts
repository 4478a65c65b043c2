import type { SettingsView } from '../../server/contract/settings.ts';

export type StepState = 'done' | 'now' | 'later';

interface StepStates {
  readonly connect: StepState;
  readonly consent: StepState;
  readonly handoff: StepState;
}

/** Which step is done, which is to be done now. */
export function stepStates({ connection, consent, handoff }: SettingsView): StepStates {
  const connected = connection?.state === 'connected';
  const agreed = consent.crmFields && consent.erpField;
  return {
    connect: connected ? 'done' : 'now',
    consent: agreed ? 'done' : connected ? 'now' : 'later',
    handoff: handoff.enabled ? 'done' : connected && agreed ? 'now' : 'later',
  };
}

/** True once the steps can give way to the overview: all agreed, and the last step taken or left for later. */
export function isSetUp({ connection, consent, handoff, firstLoad }: SettingsView): boolean {
  if (connection === null || !consent.crmFields) return false;
  return handoff.enabled || (firstLoad.streams.length > 0 && firstLoad.streams.every(({ state }) => state === 'done'));
}

/** What a person is at: the overview, or the first step that is not done. */
export function stageOf(view: SettingsView): string {
  if (isSetUp(view)) return 'overview';
  const states = stepStates(view);
  if (states.connect !== 'done') return 'connect';
  return states.consent === 'done' ? 'handoff' : 'consent';
}
