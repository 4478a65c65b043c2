import type { SapEventsView } from '../../../server/contract/sap-events.ts';

/** Where it stands with SAP's own events, in a sentence or two. */
export function sentenceOf({ state, words }: SapEventsView): string {
  switch (state) {
    case 'off':
      return 'Off: changes in SAP are found within five minutes. When you switch it on, they arrive at once.';
    case 'waiting':
      return 'Asked for. SAP has not agreed yet; changes are found within five minutes meanwhile.';
    case 'on':
      return 'On: changes in SAP arrive at once, and are looked for every five minutes all the same.';
    case 'refused':
      return `${refusal(words)} Changes are found within five minutes as before. To try again, switch it off and on.`;
  }
}

/** SAP ends some of its sentences with a full stop, and some not. */
function refusal(words: string | null): string {
  const said = words?.replace(/[.\s]+$/, '') ?? '';
  return said === '' ? 'SAP refused it.' : `SAP refused it: ${said}.`;
}
