import type { CompanyUserInput } from '../options.ts';
import type { UserRecord } from '../records.ts';
import { v1Time } from '../times.ts';
import { addUser } from './seed.ts';
import { userHookView } from './side-hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

/** What an admin may change about a user, and a new API token. A user is never deleted, only deactivated. */
export type UserPatch = Partial<Omit<UserRecord, 'id' | 'created' | 'modified'>>;

export function createUser(company: CompanyState, actor: Actor, input: CompanyUserInput): UserRecord {
  const user = addUser(company, input);
  tell(company, actor, user, null);
  return user;
}

export function changeUser(company: CompanyState, actor: Actor, user: UserRecord, patch: UserPatch): void {
  const before = userHookView(user);
  Object.assign(user, patch);
  user.modified = v1Time(company.clock.now());
  tell(company, actor, user, before);
}

/** Everybody may see users, so every active user's hooks are told. */
function tell(
  company: CompanyState,
  actor: Actor,
  user: UserRecord,
  before: ReturnType<typeof userHookView> | null,
): void {
  company.emit({
    action: before === null ? 'create' : 'change',
    object: 'user',
    id: user.id,
    before,
    after: userHookView(user),
    userId: actor.user.id,
    source: actor.source,
    permittedUserIds: [...company.users.values()].filter((one) => one.active_flag).map(({ id }) => id),
  });
}
