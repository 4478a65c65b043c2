import { badRequest } from '../failures.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { ActivityRecord, ActivityTypeRecord } from '../side-records.ts';
import { v1Time, v2Time } from '../times.ts';
import { checkReference, numberOr, textOr } from './common-rules.ts';
import { activityHookView } from './side-hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

/** Without a type it is a call; without participants nobody takes part. @throws ApiFailure 400 for unknown links */
export function createActivity(company: CompanyState, actor: Actor, body: JsonObject): ActivityRecord {
  checkActivity(company, actor, body);
  const now = v2Time(company.clock.now());
  const record: ActivityRecord = {
    id: company.nextId('activity'),
    subject: textOr(body, 'subject', 'Call'),
    type: 'call',
    owner_id: numberOr(body, 'owner_id', actor.user.id),
    creator_user_id: actor.user.id,
    is_deleted: false,
    add_time: now,
    update_time: now,
    deal_id: null,
    lead_id: null,
    org_id: null,
    project_id: null,
    due_date: now.slice(0, 10),
    due_time: null,
    duration: null,
    busy: false,
    done: false,
    marked_as_done_time: null,
    location: null,
    participants: [],
    attendees: [],
    public_description: null,
    priority: null,
    note: null,
  };
  assign(company, record, body);
  company.activities.set(record.id, record);
  tell(company, actor, record, null);
  return record;
}

export function changeActivity(company: CompanyState, actor: Actor, record: ActivityRecord, body: JsonObject): void {
  checkActivity(company, actor, body);
  const before = activityHookView(record);
  assign(company, record, body);
  record.update_time = v2Time(company.clock.now());
  tell(company, actor, record, before);
}

export function deleteActivity(company: CompanyState, actor: Actor, record: ActivityRecord): void {
  const before = activityHookView(record);
  record.is_deleted = true;
  record.update_time = v2Time(company.clock.now());
  tell(company, actor, record, before);
}

export function createActivityType(company: CompanyState, body: JsonObject): ActivityTypeRecord {
  const now = v1Time(company.clock.now());
  const name = textOr(body, 'name', '');
  const record: ActivityTypeRecord = {
    id: company.activityTypes.length + 1,
    name,
    icon_key: textOr(body, 'icon_key', 'task'),
    color: textOr(body, 'color', '') || null,
    order_nr: company.activityTypes.length + 1,
    key_string: name.toLowerCase().replaceAll(/\W+/g, '_'),
    active_flag: true,
    is_custom_flag: true,
    add_time: now,
    update_time: now,
  };
  company.activityTypes.push(record);
  return record;
}

function checkActivity(company: CompanyState, actor: Actor, body: JsonObject): void {
  checkReference(company, actor, company.deals, body['deal_id'], 'Deal');
  checkReference(company, actor, company.organizations, body['org_id'], 'Organization');
  if (body['person_id'] !== undefined) throw badRequest('person_id is read-only: use participants');
  for (const one of participantsOf(body)) checkReference(company, actor, company.persons, one['person_id'], 'Person');
  const type = body['type'];
  const known = company.activityTypes.some(({ key_string, active_flag }) => active_flag && key_string === type);
  if (type !== undefined && !known) throw badRequest('Activity type not found');
}

function assign(company: CompanyState, record: ActivityRecord, body: JsonObject): void {
  Object.assign(record, body);
  if (body['done'] === undefined) return;
  record.marked_as_done_time = record.done ? v2Time(company.clock.now()) : null;
}

function participantsOf(body: JsonObject): JsonObject[] {
  const given = body['participants'];
  return Array.isArray(given) ? given.filter(isJsonObject) : [];
}

function tell(company: CompanyState, actor: Actor, record: ActivityRecord, before: JsonObject | null): void {
  company.emit({
    action: before === null ? 'create' : record.is_deleted ? 'delete' : 'change',
    object: 'activity',
    id: record.id,
    before,
    after: record.is_deleted ? null : activityHookView(record),
    userId: actor.user.id,
    source: actor.source,
    permittedUserIds: [...company.users.values()].filter((one) => one.active_flag).map(({ id }) => id),
  });
}
