import type { CrmFieldPlan } from '../../contract/settings.ts';
import type { CrmPlan } from '../../domain/token-budget.ts';
import { CRM_FIELDS, findInUse } from '../crm-field-list.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { KnownCrmField } from '../ports/crm-field-store.ts';

/** Custom fields of a whole company, of all kinds of records (reference pipedrive-api.md, section 4.10). */
const MOST_CUSTOM_FIELDS: Readonly<Record<CrmPlan, number>> = {
  lite: 30,
  growth: 100,
  premium: 300,
  ultimate: 500,
};

const ENTITIES = ['organization', 'deal', 'person', 'product'] as const;

export type AskedFieldPlan = Pick<CrmFieldPlan, 'fields'> & {
  readonly present: number;
  readonly toMake: number;
};

/**
 * Which of the company's fields would be used, which ones made, and how many it has; for 40 tokens.
 * @param known the app's fields as far as they are known from before
 */
export async function askFieldPlan(
  crm: Pick<Crm, 'listFields'>,
  caller: CrmCaller,
  known: readonly KnownCrmField[],
): Promise<AskedFieldPlan> {
  const [organization, deal, ...others] = await Promise.all(ENTITIES.map((entity) => crm.listFields(caller, entity)));
  const present = { organization: organization ?? [], deal: deal ?? [] };
  const fields = CRM_FIELDS.map((wanted) => {
    const before = known.find(({ purpose }) => purpose === wanted.purpose);
    const found = findInUse(wanted, present[wanted.entity], before);
    return { name: nameOf(wanted), uses: found?.field.name ?? null, ours: found?.own ?? false };
  });
  const all = [...present.organization, ...present.deal, ...others.flat()];
  return {
    fields,
    present: all.filter(({ custom }) => custom).length,
    toMake: fields.filter(({ uses }) => uses === null).length,
  };
}

/** @param asked undefined: Pipedrive could not be asked, or need not be */
export function viewFieldPlan(asked: AskedFieldPlan | undefined, plan: CrmPlan | null): CrmFieldPlan {
  if (!asked)
    return { fields: CRM_FIELDS.map((field) => ({ name: nameOf(field), uses: null, ours: false })), room: null };
  const { fields, present, toMake } = asked;
  return { fields, room: { present, toMake, most: plan && MOST_CUSTOM_FIELDS[plan] } };
}

const nameOf = ({ name, entity }: (typeof CRM_FIELDS)[number]): string => `${name} (${entity})`;
