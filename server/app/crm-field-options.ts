import type { CrmOption } from './ports/crm.ts';
import type { KnownOption } from './ports/crm-field-store.ts';

/** A choice as SAP knows it. */
export type WantedOption = Omit<KnownOption, 'id'>;

/** What brings a field's options in step with SAP. Nothing is ever taken away: old records still show what they were. */
export interface OptionPlan {
  readonly known: readonly KnownOption[];
  readonly rename: readonly KnownOption[];
  readonly add: readonly WantedOption[];
}

const sameLabel = (one: string, other: string): boolean =>
  one.trim().toLocaleLowerCase('en') === other.trim().toLocaleLowerCase('en');

/**
 * @param there the options in Pipedrive
 * @param before what was known of them; an option that people reworded keeps their wording until SAP's own changes
 * @param mayRename false for an option that is not the app's alone: what is filed under it keeps its name
 */
export function planOptions(
  there: readonly CrmOption[],
  before: readonly KnownOption[],
  wanted: readonly WantedOption[],
  mayRename: (id: number) => boolean,
): OptionPlan {
  const known: KnownOption[] = [];
  const rename: KnownOption[] = [];
  const add: WantedOption[] = [];
  const taken = new Set<number>();
  for (const option of distinct(wanted)) {
    const earlier = before.find(({ key, id }) => key === option.key && there.some((one) => one.id === id));
    const stays = earlier && (earlier.label === option.label || mayRename(earlier.id)) ? earlier : undefined;
    const found =
      stays ??
      there.find(
        ({ id, label }) => sameLabel(label, option.label) && !taken.has(id) && !isOfAnother(id, option, before),
      );
    if (!found) add.push(option);
    else {
      const now = { ...option, id: found.id };
      taken.add(now.id);
      if (stays && stays.label !== option.label) rename.push(now);
      else known.push(now);
    }
  }
  return { known, rename, add };
}

function isOfAnother(id: number, { key }: WantedOption, before: readonly KnownOption[]): boolean {
  return before.some((option) => option.id === id && option.key !== key);
}

/** Two groups of one name cannot be told apart in a list, so each gets its number. */
function distinct(wanted: readonly WantedOption[]): readonly WantedOption[] {
  return wanted.map((option) => {
    const twin = wanted.some((other) => other.key !== option.key && sameLabel(other.label, option.label));
    return twin ? { ...option, label: `${option.label} (${option.key})` } : option;
  });
}
