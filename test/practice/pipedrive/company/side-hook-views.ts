import { type JsonObject, plainCopy } from '../json.ts';
import type { NoteRecord, PipelineRecord, StageRecord, UserRecord } from '../records.ts';
import type { ActivityRecord } from '../side-records.ts';

// Webhooks keep v1 names here: active_flag, busy_flag, rotten_days.

/** Ids of users are text here, and their rights are not told. */
export function userHookView(user: UserRecord): JsonObject {
  const { id, default_currency, name, email, locale, language, active_flag, timezone_name, created, modified } = user;
  return {
    id: String(id),
    default_currency,
    name,
    email,
    phone: null,
    locale,
    lang: `${language.language_code}-${language.country_code}`,
    active_flag,
    last_login: null,
    timezone_name,
    icon_url: null,
    created,
    modified,
    access: null,
  };
}

export function noteHookView(note: NoteRecord): JsonObject {
  const { last_update_user_id: _last, ...rest } = note;
  const rfc3339 = (time: string) => `${time.replace(' ', 'T')}Z`;
  return {
    ...rest,
    lead_id: null,
    project_id: null,
    add_time: rfc3339(note.add_time),
    update_time: rfc3339(note.update_time),
  };
}

export function activityHookView(activity: ActivityRecord): JsonObject {
  const { is_deleted, busy, add_time, update_time, deal_id, done, due_date, id, lead_id, org_id } = activity;
  const { owner_id, public_description, subject, type, due_time, duration, location } = activity;
  return plainCopy({
    active_flag: !is_deleted,
    add_time,
    busy_flag: busy,
    custom_fields: {},
    deal_id,
    done,
    due_date,
    due_time: due_time === null ? null : { timezone_id: null, value: due_time },
    duration: duration === null ? null : { timezone_id: null, value: duration },
    id,
    lead_id,
    location: location?.['value'] ?? null,
    org_id,
    owner_id,
    person_id: primaryPerson(activity),
    public_description: public_description ?? '',
    subject,
    type,
    update_time,
    update_user_id: null,
  });
}

/** The activity's person is whoever of its participants is marked so. */
export function primaryPerson(activity: ActivityRecord): number | null {
  const id = activity.participants.find((one) => one['primary'] === true)?.['person_id'];
  return typeof id === 'number' ? id : null;
}

export function pipelineHookView(row: PipelineRecord): JsonObject {
  const { id, name, order_nr, is_deleted, is_deal_probability_enabled, add_time, update_time } = row;
  return {
    id,
    name,
    url_title: name.replaceAll(' ', '-'),
    order_nr,
    active_flag: !is_deleted,
    deal_probability: is_deal_probability_enabled,
    add_time,
    update_time,
  };
}

export function stageHookView(row: StageRecord): JsonObject {
  const { is_deleted, is_deal_rot_enabled, days_to_rotten, ...rest } = row;
  return { ...rest, active_flag: !is_deleted, rotten_flag: is_deal_rot_enabled, rotten_days: days_to_rotten };
}
