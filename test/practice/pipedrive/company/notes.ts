import { badRequest } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import type { BaseRecord, NoteRecord } from '../records.ts';
import { v1Time } from '../times.ts';
import { checkReference, numberOr, textOr } from './common-rules.ts';
import { noteHookView } from './side-hook-views.ts';
import type { Actor, CompanyState } from './state.ts';
import { permittedUsers } from './visibility.ts';

const MAX_NOTE_LENGTH = 100_000;

/** A note on a deal is also linked to the deal's organization and person. @throws ApiFailure 400 */
export function createNote(company: CompanyState, actor: Actor, body: JsonObject): NoteRecord {
  if (!['deal_id', 'person_id', 'org_id'].some((name) => typeof body[name] === 'number')) {
    throw badRequest('Note must be connected to a deal, person, organization, lead, project or task');
  }
  checkNoteBody(company, actor, body);
  const dealId = body['deal_id'];
  const deal = typeof dealId === 'number' ? company.deals.get(dealId) : undefined;
  const now = v1Time(company.clock.now());
  const note: NoteRecord = {
    id: company.nextId('note'),
    user_id: numberOr(body, 'user_id', actor.user.id),
    deal_id: deal?.id ?? null,
    person_id: deal?.person_id ?? null,
    org_id: deal?.org_id ?? null,
    content: '',
    add_time: textOr(body, 'add_time', now),
    update_time: now,
    active_flag: true,
    pinned_to_deal_flag: false,
    pinned_to_person_flag: false,
    pinned_to_organization_flag: false,
    last_update_user_id: null,
  };
  apply(note, body);
  if (note.pinned_to_deal_flag && note.deal_id === null) throw badRequest('pinned_to_deal_flag needs deal_id');
  if (note.pinned_to_person_flag && note.person_id === null) throw badRequest('pinned_to_person_flag needs person_id');
  if (note.pinned_to_organization_flag && note.org_id === null) {
    throw badRequest('pinned_to_organization_flag needs org_id');
  }
  company.notes.set(note.id, note);
  tell(company, actor, note, 'create', null);
  return note;
}

export function changeNote(company: CompanyState, actor: Actor, note: NoteRecord, body: JsonObject): void {
  checkNoteBody(company, actor, body);
  const before = noteHookView(note);
  apply(note, body);
  note.update_time = v1Time(company.clock.now());
  note.last_update_user_id = actor.user.id;
  tell(company, actor, note, 'change', before);
}

export function deleteNote(company: CompanyState, actor: Actor, note: NoteRecord): void {
  const before = noteHookView(note);
  note.active_flag = false;
  note.update_time = v1Time(company.clock.now());
  tell(company, actor, note, 'delete', before);
}

/** The record a note hangs on: it decides who may see the note. */
export function anchorOf(company: CompanyState, note: NoteRecord): BaseRecord | undefined {
  if (note.deal_id !== null) return company.deals.get(note.deal_id);
  if (note.person_id !== null) return company.persons.get(note.person_id);
  return note.org_id === null ? undefined : company.organizations.get(note.org_id);
}

function checkNoteBody(company: CompanyState, actor: Actor, body: JsonObject): void {
  checkReference(company, actor, company.deals, body['deal_id'], 'Deal');
  checkReference(company, actor, company.persons, body['person_id'], 'Person');
  checkReference(company, actor, company.organizations, body['org_id'], 'Organization');
  if (body['user_id'] !== undefined && !actor.user.is_admin) throw badRequest('Only admins may set the author');
  if (textOr(body, 'content', '').length > MAX_NOTE_LENGTH) throw badRequest('Note is too long');
}

function apply(note: NoteRecord, body: JsonObject): void {
  for (const [name, value] of Object.entries(body)) {
    if (name === 'content') note.content = sanitized(String(value));
    else if (name.startsWith('pinned_to_')) Object.assign(note, { [name]: value === 1 });
    else if (name.endsWith('_id')) Object.assign(note, { [name]: value });
  }
}

/** Scripts and event handlers do not survive in a note. */
function sanitized(html: string): string {
  return html
    .replace(/<(script|style|iframe)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '');
}

function tell(
  company: CompanyState,
  actor: Actor,
  note: NoteRecord,
  action: 'create' | 'change' | 'delete',
  before: JsonObject | null,
): void {
  const anchor = anchorOf(company, note);
  company.emit({
    action,
    object: 'note',
    id: note.id,
    before,
    after: action === 'delete' ? null : noteHookView(note),
    userId: actor.user.id,
    source: actor.source,
    permittedUserIds: anchor ? permittedUsers(company, anchor) : [],
  });
}
