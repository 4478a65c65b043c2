import { badRequest, notFound, validationFailed } from '../failures.ts';
import type { BaseRecord } from '../records.ts';
import type { FileRecord } from '../side-records.ts';
import { v1Time } from '../times.ts';
import { visibleRecord } from './record-queries.ts';
import { type ApiAnswer, type ApiCall, idOf, ok, type Route } from './route.ts';
import { startPage } from './start-paging.ts';

const WRITE = ['deals:full', 'activities:full', 'contacts:full'];
const READ = ['deals:read', 'activities:read', 'contacts:read', ...WRITE];
const LINKS = ['deal_id', 'person_id', 'org_id', 'product_id', 'activity_id'] as const;
const MOST_FILES = 100;
const MOST_BYTES = 10 * 1024 * 1024;

export const fileRoutes: readonly Route[] = [
  {
    version: 'v1',
    method: 'GET',
    path: '/files',
    scopes: READ,
    handle: (call) => {
      const { rows, pagination } = startPage(call, alive(call), MOST_FILES);
      return ok(
        rows.map((row) => fileView(call, row)),
        { pagination },
      );
    },
  },
  { version: 'v1', method: 'POST', path: '/files', scopes: WRITE, upload: true, handle: upload },
  { version: 'v1', method: 'GET', path: '/files/{id}', scopes: READ, handle: (call) => ok(fileView(call, file(call))) },
  {
    version: 'v1',
    method: 'GET',
    path: '/files/{id}/download',
    scopes: READ,
    handle: (call) => ({ status: 200, body: undefined, bytes: file(call).content }),
  },
  {
    version: 'v1',
    method: 'DELETE',
    path: '/files/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = file(call);
      record.active_flag = false;
      return ok({ id: record.id });
    },
  },
  ofRecord('/deals/{id}/files', 'deal_id', ['deals:read', 'deals:full']),
  ofRecord('/organizations/{id}/files', 'org_id', ['contacts:read', 'contacts:full']),
  ofRecord('/persons/{id}/files', 'person_id', ['contacts:read', 'contacts:full']),
  ofRecord('/products/{id}/files', 'product_id', ['products:read', 'products:full']),
];

/** The files of one record: these answers have their paging flat under additional_data. */
function ofRecord(path: string, link: (typeof LINKS)[number], scopes: readonly string[]): Route {
  return {
    version: 'v1',
    method: 'GET',
    path,
    scopes,
    handle: (call) => {
      const id = idOf(call);
      const { rows, pagination } = startPage(
        call,
        alive(call).filter((row) => row[link] === id),
        MOST_FILES,
      );
      const { next_start: _next, ...flat } = pagination;
      return ok(
        rows.map((row) => fileView(call, row)),
        flat,
      );
    },
  };
}

async function upload(call: ApiCall): Promise<ApiAnswer> {
  const form = call.upload;
  const part = form?.get('file');
  if (!form || !part || typeof part === 'string') throw badRequest('file is required');
  const content = Buffer.from(await part.arrayBuffer());
  if (content.length > MOST_BYTES) throw badRequest('The file is too large');
  const now = v1Time(call.company.clock.now());
  const record: FileRecord = {
    id: call.company.nextId('file'),
    user_id: call.actor.user.id,
    name: part.name,
    deal_id: link(form, 'deal_id'),
    person_id: link(form, 'person_id'),
    org_id: link(form, 'org_id'),
    product_id: link(form, 'product_id'),
    activity_id: link(form, 'activity_id'),
    add_time: now,
    update_time: now,
    active_flag: true,
    content,
  };
  const { company } = call;
  const where: readonly (readonly [number | null, ReadonlyMap<number, BaseRecord>, string])[] = [
    [record.deal_id, company.deals, 'Deal'],
    [record.person_id, company.persons, 'Person'],
    [record.org_id, company.organizations, 'Organization'],
    [record.product_id, company.products, 'Product'],
  ];
  for (const [id, records, what] of where) if (id !== null) visibleRecord(call, records, id, what);
  company.files.set(record.id, record);
  return ok(fileView(call, record));
}

/** @throws ApiFailure 400 */
function link(form: FormData, name: string): number | null {
  const value = form.get(name);
  if (value === null) return null;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw validationFailed(`${name}: must be an integer`);
  return Number(value);
}

function alive(call: ApiCall): FileRecord[] {
  return [...call.company.files.values()].filter((row) => row.active_flag);
}

function file(call: ApiCall): FileRecord {
  const record = call.company.files.get(idOf(call));
  if (!record?.active_flag) throw notFound('File');
  return record;
}

function fileView({ company }: ApiCall, { content, ...row }: FileRecord): object {
  const type = row.name.includes('.') ? row.name.slice(row.name.lastIndexOf('.') + 1) : '';
  const stored = `${String(row.id).padStart(8, '0')}-0000-4000-8000-000000000000.${type}`;
  const name = (found: { name: string } | undefined) => found?.name ?? null;
  return {
    ...row,
    log_id: null,
    file_name: stored,
    file_size: content.length,
    file_type: type,
    inline_flag: false,
    remote_location: 's3',
    remote_id: `company/${company.id}/user/${row.user_id}/files/${stored}`,
    s3_bucket: null,
    url: `${company.apiDomain}/api/v1/files/${row.id}/download`,
    description: null,
    lead_id: null,
    deal_name: company.deals.get(row.deal_id ?? -1)?.title ?? null,
    lead_name: null,
    person_name: name(company.persons.get(row.person_id ?? -1)),
    org_name: name(company.organizations.get(row.org_id ?? -1)),
    product_name: name(company.products.get(row.product_id ?? -1)),
    mail_message_id: null,
    mail_template_id: null,
    cid: null,
  };
}
