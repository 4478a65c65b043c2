import type { CrmFieldPlan } from '../../../server/contract/settings.ts';
import { countOf } from '../../shared/format/figures.ts';

/** Custom fields on Pipedrive's smallest plan (reference pipedrive-api.md, section 4.10). */
const FEWEST = 30;

/** What to know where the company's plan may not take the fields that are to be made; null: there is room enough. */
export function roomSentence(room: CrmFieldPlan['room']): string | null {
  if (room === null || room.toMake === 0) return null;
  const { present, toMake, most } = room;
  const over = present + toMake - (most ?? FEWEST);
  if (over <= 0) return null;
  const has = `${countOf(toMake, 'field is', 'fields are')} to be made, and you have ${countOf(present, 'custom field', 'custom fields')}`;
  if (most === null) {
    // On a larger plan with more than the smallest takes, there is room by all that is known.
    return present > FEWEST
      ? null
      : `${has}. Pipedrive’s smallest plan takes ${FEWEST}: if it is yours, ${lacks(over)}.`;
  }
  return `${has}. Your plan takes ${most}, so ${lacks(over)}.`;
}

function lacks(over: number): string {
  return `delete ${over === 1 ? 'one that you do not need' : `${over} that you do not need`} first, or choose a larger plan; what cannot be made is left out and told`;
}
