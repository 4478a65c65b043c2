import type { BaseRecord, UserRecord } from '../records.ts';
import type { CompanyState } from './state.ts';

/**
 * Whether a user may see a record. Admins and owners see it always. Lite and Growth: 1 owner, 3 everybody.
 * Premium and Ultimate: 1 owner, 3 the owner's group, 5 that group and those below, 7 everybody
 * (reference pipedrive-api.md, section 4.2). Followers are left out.
 */
export function canSee(company: CompanyState, user: UserRecord, record: BaseRecord): boolean {
  if (user.is_admin || record.owner_id === user.id) return true;
  if (record.visible_to === 1) return false;
  if (!hasGroups(company) || record.visible_to === 7) return true;
  const ownerGroup = company.users.get(record.owner_id)?.group ?? 1;
  return record.visible_to === 3 ? user.group === ownerGroup : groupsAbove(company, user.group).includes(ownerGroup);
}

/** Ids of the active users who may see a record. */
export function permittedUsers(company: CompanyState, record: BaseRecord): number[] {
  return [...company.users.values()]
    .filter((user) => user.active_flag && canSee(company, user, record))
    .map(({ id }) => id);
}

/** What a new record gets that names no visibility: the entire company. */
export function defaultVisibility(company: CompanyState): number {
  return hasGroups(company) ? 7 : 3;
}

function hasGroups({ plan }: CompanyState): boolean {
  return plan === 'premium' || plan === 'ultimate';
}

/** The group itself and all above it. */
function groupsAbove(company: CompanyState, group: number): number[] {
  const above: number[] = [];
  let at: number | null = group;
  while (at !== null && !above.includes(at)) {
    above.push(at);
    at = company.groups.get(at) ?? null;
  }
  return above;
}
