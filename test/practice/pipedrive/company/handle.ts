import { badRequest } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import { plainCopy } from '../json.ts';
import type { CompanyUserInput } from '../options.ts';
import type {
  DealRecord,
  EntityName,
  FieldRecord,
  HookRecord,
  LineRecord,
  NoteRecord,
  OrganizationRecord,
  PersonRecord,
  ProductRecord,
  UserRecord,
} from '../records.ts';
import { DEAL, LINE, NOTE, ORGANIZATION, PERSON, PRODUCT } from '../validation/body-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { changeDeal, createDeal, deleteDeal } from './deals.ts';
import { createField } from './fields.ts';
import { dealValue, lineSum, linesOf } from './line-money.ts';
import { addLine, changeLine, lineOfDeal, removeLine } from './lines.ts';
import { createNote } from './notes.ts';
import { changeOrganization, createOrganization, deleteOrganization } from './organizations.ts';
import { changePerson, createPerson, deletePerson } from './persons.ts';
import { changeProduct, createProduct, deleteProduct } from './products.ts';
import { addUser } from './seed.ts';
import type { Actor, CompanyState } from './state.ts';

export interface NewDeal {
  title: string;
  org_id?: number | null;
  person_id?: number | null;
  lines?: readonly NewLine[];
  /** The user who makes and owns it; absent = the first admin. */
  owner?: number;
  currency?: string;
  expected_close_date?: string;
  stage_id?: number;
  visible_to?: 1 | 3;
  value?: number;
  custom_fields?: JsonObject;
}

export interface NewLine {
  product_id: number;
  item_price: number;
  quantity: number;
  discount?: number;
  discount_type?: 'percentage' | 'amount';
  tax?: number;
  tax_method?: 'exclusive' | 'inclusive' | 'none';
  comments?: string;
  is_enabled?: boolean;
}

/** A deal as a person sees it: with its lines and its computed value. */
export interface DealSight extends DealRecord {
  lines: (LineRecord & { sum: number })[];
}

/** What people do in one company's Pipedrive: every change fires its webhooks, as in the web app. */
export interface CompanyHandle {
  readonly state: CompanyState;
  createDeal(deal: NewDeal): DealSight;
  updateDeal(id: number, patch: JsonObject, userId?: number): DealSight;
  win(id: number, userId?: number): DealSight;
  deleteDeal(id: number, userId?: number): void;
  addLine(dealId: number, line: NewLine, userId?: number): LineRecord;
  updateLine(dealId: number, lineId: number, patch: JsonObject, userId?: number): LineRecord;
  removeLine(dealId: number, lineId: number, userId?: number): void;
  createOrganization(body: JsonObject & { name: string }, userId?: number): OrganizationRecord;
  updateOrganization(id: number, patch: JsonObject, userId?: number): OrganizationRecord;
  deleteOrganization(id: number, userId?: number): void;
  createPerson(body: JsonObject & { name: string }, userId?: number): PersonRecord;
  updatePerson(id: number, patch: JsonObject, userId?: number): PersonRecord;
  deletePerson(id: number, userId?: number): void;
  createProduct(body: JsonObject & { name: string }, userId?: number): ProductRecord;
  updateProduct(id: number, patch: JsonObject, userId?: number): ProductRecord;
  deleteProduct(id: number, userId?: number): void;
  addNote(body: JsonObject & { content: string }, userId?: number): NoteRecord;
  createField(entity: EntityName, body: JsonObject & { field_name: string; field_type: string }): FieldRecord;
  /** @throws Error when there is none, not even a deleted one. */
  deal(id: number): DealSight;
  deals(): DealSight[];
  notes(dealId: number): NoteRecord[];
  organizationNotes(organizationId: number): NoteRecord[];
  organizations(): OrganizationRecord[];
  persons(): PersonRecord[];
  products(): ProductRecord[];
  fields(entity: EntityName): FieldRecord[];
  /** The value of the custom field with that name on a record; undefined if there is no such field or value. */
  fieldValue(entity: EntityName, record: { custom_fields: JsonObject }, fieldName: string): unknown;
  webhooks(): HookRecord[];
  users(): UserRecord[];
  addUser(user: CompanyUserInput): UserRecord;
  /** Tokens this app has spent today. */
  tokensSpent(): number;
}

export function createCompanyHandle(state: CompanyState): CompanyHandle {
  const actor = (userId?: number): Actor => ({ user: userOf(state, userId), source: 'app' });
  const sight = (record: DealRecord): DealSight => ({
    ...record,
    custom_fields: plainCopy(record.custom_fields),
    value: dealValue(state, record),
    lines: linesOf(state, record.id).map((line) => ({ ...line, sum: lineSum(line) })),
  });
  const deal = (id: number) => must(state.deals.get(id), `deal ${id}`);
  const organization = (id: number) => must(state.organizations.get(id), `organization ${id}`);
  const alive = <T extends { is_deleted: boolean }>(records: Map<number, T>) =>
    [...records.values()].filter((record) => !record.is_deleted);

  const handle: CompanyHandle = {
    state,
    createDeal: ({ lines = [], owner, ...fields }) => {
      const body = checkBody(DEAL, plainCopy(fields), { partial: false });
      const record = createDeal(state, actor(owner), body);
      for (const line of lines) handle.addLine(record.id, line, owner);
      return sight(record);
    },
    updateDeal: (id, patch, userId) => {
      changeDeal(state, actor(userId), deal(id), checkBody(DEAL, patch, { partial: true }));
      return sight(deal(id));
    },
    win: (id, userId) => handle.updateDeal(id, { status: 'won' }, userId),
    deleteDeal: (id, userId) => deleteDeal(state, actor(userId), deal(id)),
    addLine: (dealId, line, userId) =>
      addLine(state, actor(userId), deal(dealId), checkBody(LINE, plainCopy(line), { partial: false })),
    updateLine: (dealId, lineId, patch, userId) => {
      const line = lineOfDeal(state, deal(dealId), lineId);
      changeLine(state, actor(userId), deal(dealId), line, checkBody(LINE, patch, { partial: true }));
      return line;
    },
    removeLine: (dealId, lineId, userId) =>
      removeLine(state, actor(userId), deal(dealId), lineOfDeal(state, deal(dealId), lineId)),
    createOrganization: (body, userId) =>
      createOrganization(state, actor(userId), checkBody(ORGANIZATION, body, { partial: false })),
    updateOrganization: (id, patch, userId) => {
      changeOrganization(state, actor(userId), organization(id), checkBody(ORGANIZATION, patch, { partial: true }));
      return organization(id);
    },
    deleteOrganization: (id, userId) => deleteOrganization(state, actor(userId), organization(id)),
    createPerson: (body, userId) => createPerson(state, actor(userId), checkBody(PERSON, body, { partial: false })),
    updatePerson: (id, patch, userId) => {
      const record = must(state.persons.get(id), `person ${id}`);
      changePerson(state, actor(userId), record, checkBody(PERSON, patch, { partial: true }));
      return record;
    },
    deletePerson: (id, userId) => deletePerson(state, actor(userId), must(state.persons.get(id), `person ${id}`)),
    createProduct: (body, userId) => createProduct(state, actor(userId), checkBody(PRODUCT, body, { partial: false })),
    updateProduct: (id, patch, userId) => {
      const record = must(state.products.get(id), `product ${id}`);
      changeProduct(state, actor(userId), record, checkBody(PRODUCT, patch, { partial: true }));
      return record;
    },
    deleteProduct: (id, userId) => deleteProduct(state, actor(userId), must(state.products.get(id), `product ${id}`)),
    addNote: (body, userId) => createNote(state, actor(userId), checkBody(NOTE, body, { partial: false })),
    createField: (entity, body) => createField(state, entity, body),
    deal: (id) => sight(deal(id)),
    deals: () => alive(state.deals).map(sight),
    notes: (dealId) => [...state.notes.values()].filter((note) => note.active_flag && note.deal_id === dealId),
    organizationNotes: (id) => [...state.notes.values()].filter((note) => note.active_flag && note.org_id === id),
    organizations: () => alive(state.organizations),
    persons: () => alive(state.persons),
    products: () => alive(state.products),
    fields: (entity) => state.fields[entity].filter((field) => field.is_custom_field),
    fieldValue: (entity, record, fieldName) => {
      const field = state.fields[entity].find((candidate) => candidate.field_name === fieldName);
      return field && record.custom_fields[field.field_code];
    },
    webhooks: () => [...state.hooks.values()],
    users: () => [...state.users.values()],
    addUser: (user) => addUser(state, user),
    tokensSpent: () => state.budget.spent().app,
  };
  return handle;
}

function userOf(state: CompanyState, userId: number | undefined): UserRecord {
  const users = [...state.users.values()];
  const user = userId === undefined ? (users.find((one) => one.is_admin) ?? users[0]) : state.users.get(userId);
  if (!user) throw badRequest('User not found');
  return user;
}

function must<T>(record: T | undefined, what: string): T {
  if (record === undefined) throw new Error(`There is no ${what}`);
  return record;
}
