import { anchorOf, changeNote, createNote, deleteNote } from '../company/notes.ts';
import { canSee } from '../company/visibility.ts';
import { notFound } from '../failures.ts';
import type { NoteRecord } from '../records.ts';
import { NOTE } from '../validation/body-specs.ts';
import { integerParameter } from '../validation/query.ts';
import { checkBody } from '../validation/spec.ts';
import { type ApiAnswer, type ApiCall, idOf, ok, type Route } from './route.ts';
import { startPage } from './start-paging.ts';

const READ = ['deals:read', 'deals:full', 'contacts:read', 'contacts:full'];
const WRITE = ['deals:full', 'contacts:full'];
const FILTERS = ['user_id', 'deal_id', 'person_id', 'org_id'] as const;
const PINS = ['pinned_to_deal_flag', 'pinned_to_person_flag', 'pinned_to_organization_flag'] as const;

export const noteRoutes: readonly Route[] = [
  { version: 'v1', method: 'GET', path: '/notes', scopes: READ, handle: list },
  {
    version: 'v1',
    method: 'POST',
    path: '/notes',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(NOTE, call.body, { partial: false });
      return ok(noteView(call, createNote(call.company, call.actor, body)));
    },
  },
  { version: 'v1', method: 'GET', path: '/notes/{id}', scopes: READ, handle: (call) => ok(noteView(call, note(call))) },
  {
    version: 'v1',
    method: 'PUT',
    path: '/notes/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(NOTE, call.body, { partial: true });
      const record = note(call);
      changeNote(call.company, call.actor, record, body);
      return ok(noteView(call, record));
    },
  },
  {
    version: 'v1',
    method: 'DELETE',
    path: '/notes/{id}',
    scopes: WRITE,
    handle: (call) => {
      deleteNote(call.company, call.actor, note(call));
      return ok(true);
    },
  },
];

/** v1 paging: start and limit, `additional_data.pagination`. */
function list(call: ApiCall): ApiAnswer {
  const since = call.query.get('updated_since');
  const wanted = FILTERS.map((name) => ({ name, value: integerParameter(call.query, name) }));
  const pinned = PINS.map((name) => ({ name, value: call.query.get(name) }));
  const rows = [...call.company.notes.values()].filter(
    (row) =>
      row.active_flag &&
      seen(call, row) &&
      wanted.every(({ name, value }) => value === undefined || row[name] === value) &&
      pinned.every(({ name, value }) => value === null || row[name] === (value === '1')) &&
      (since === null || Date.parse(`${row.update_time.replace(' ', 'T')}Z`) >= Date.parse(since)),
  );
  const page = startPage(call, rows);
  return ok(
    page.rows.map((row) => noteView(call, row)),
    { pagination: page.pagination },
  );
}

function note(call: ApiCall): NoteRecord {
  const record = call.company.notes.get(idOf(call));
  if (!record?.active_flag || !seen(call, record)) throw notFound('Note');
  return record;
}

function seen(call: ApiCall, row: NoteRecord): boolean {
  const anchor = anchorOf(call.company, row);
  return anchor !== undefined && canSee(call.company, call.actor.user, anchor);
}

function noteView(call: ApiCall, row: NoteRecord) {
  const { company, actor } = call;
  const named = (found: { name: string } | undefined) => (found ? { name: found.name } : null);
  const author = company.users.get(row.user_id);
  const deal = row.deal_id === null ? undefined : company.deals.get(row.deal_id);
  return {
    ...row,
    lead_id: null,
    project_id: null,
    task_id: null,
    pinned_to_lead_flag: false,
    pinned_to_project_flag: false,
    pinned_to_task_flag: false,
    organization: named(row.org_id === null ? undefined : company.organizations.get(row.org_id)),
    person: named(row.person_id === null ? undefined : company.persons.get(row.person_id)),
    deal: deal ? { title: deal.title } : null,
    lead: null,
    user: {
      email: author?.email ?? '',
      name: author?.name ?? '',
      icon_url: null,
      is_you: row.user_id === actor.user.id,
    },
  };
}
