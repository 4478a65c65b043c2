import { badRequest } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import { plainCopy } from '../json.ts';
import type { CompanyUserInput, Plan } from '../options.ts';
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
import { ban } from '../webhooks/hook-health.ts';
import { changeDeal, createDeal, deleteDeal } from './deals.ts';
import { changeField, createField, deleteField, fieldByCode } from './fields.ts';
import { dealValue, lineSum, linesOf } from './line-money.ts';
import { addLine, changeLine, lineOfDeal, removeLine } from './lines.ts';
import { mergeDeals, mergeOrganizations, mergePersons } from './merges.ts';
import { createNote } from './notes.ts';
import { changeOrganization, createOrganization, deleteOrganization } from './organizations.ts';
import { changePerson, createPerson, deletePerson } from './persons.ts';
import { changeProduct, createProduct, deleteProduct } from './products.ts';
import type { Actor, CompanyState } from './state.ts';
import { changeUser, createUser, type UserPatch } from './users.ts';

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
  /** Out of the normal lists and calls; `false` brings it back. */
  archiveDeal(id: number, archived?: boolean, userId?: number): DealSight;
  /** The first is gone afterwards, the second stays. */
  merge(entity: 'deal' | 'organization' | 'person', loserId: number, winnerId: number, userId?: number): void;
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
  renameField(entity: EntityName, code: string, name: string): void;
  /** The field with its values is gone. */
  deleteField(entity: EntityName, code: string): void;
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
  /** An admin changes or deactivates (`active_flag: false`) a user: tokens of an inactive one are refused. */
  updateUser(id: number, patch: UserPatch): UserRecord;
  /** The same change on several records at once, marked as a bulk edit. */
  bulkUpdate(entity: EntityName, ids: readonly number[], patch: JsonObject, userId?: number): void;
  /** The subscription is gone without a word. */
  removeWebhook(id: number): void;
  /** As after ten failed first tries: nothing is sent for thirty minutes. */
  banWebhook(id: number): void;
  /** A currency that the company made for itself; its code is no ISO code. */
  addCurrency(code: string, decimalPoints: number): void;
  /** Tokens this app has spent today. */
  tokensSpent(): number;
  /** Another integration of the company uses up tokens of the day. */
  spendAsOtherApp(tokens: number): void;
  /** The company changes its plan or its seats: budget, window and what is allowed follow. */
  changePlan(plan: Plan, seats: number): void;
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
      changeRecord(state, actor(userId), 'deal', id, patch);
      return sight(deal(id));
    },
    win: (id, userId) => handle.updateDeal(id, { status: 'won' }, userId),
    deleteDeal: (id, userId) => deleteDeal(state, actor(userId), deal(id)),
    archiveDeal: (id, archived = true, userId) => handle.updateDeal(id, { is_archived: archived }, userId),
    merge: (entity, loserId, winnerId, userId) => {
      const by = actor(userId);
      if (entity === 'deal') mergeDeals(state, by, deal(loserId), deal(winnerId));
      else if (entity === 'organization') {
        mergeOrganizations(state, by, organization(loserId), organization(winnerId));
      } else {
        const person = (id: number) => must(state.persons.get(id), `person ${id}`);
        mergePersons(state, by, person(loserId), person(winnerId));
      }
    },
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
      changeRecord(state, actor(userId), 'organization', id, patch);
      return organization(id);
    },
    deleteOrganization: (id, userId) => deleteOrganization(state, actor(userId), organization(id)),
    createPerson: (body, userId) => createPerson(state, actor(userId), checkBody(PERSON, body, { partial: false })),
    updatePerson: (id, patch, userId) => {
      changeRecord(state, actor(userId), 'person', id, patch);
      return must(state.persons.get(id), `person ${id}`);
    },
    deletePerson: (id, userId) => deletePerson(state, actor(userId), must(state.persons.get(id), `person ${id}`)),
    createProduct: (body, userId) => createProduct(state, actor(userId), checkBody(PRODUCT, body, { partial: false })),
    updateProduct: (id, patch, userId) => {
      changeRecord(state, actor(userId), 'product', id, patch);
      return must(state.products.get(id), `product ${id}`);
    },
    deleteProduct: (id, userId) => deleteProduct(state, actor(userId), must(state.products.get(id), `product ${id}`)),
    addNote: (body, userId) => createNote(state, actor(userId), checkBody(NOTE, body, { partial: false })),
    createField: (entity, body) => createField(state, entity, body),
    renameField: (entity, code, field_name) => changeField(fieldByCode(state, entity, code), { field_name }),
    deleteField: (entity, code) => deleteField(state, entity, fieldByCode(state, entity, code)),
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
      const value = field && record.custom_fields[field.field_code];
      return field?.field_type === 'enum' ? field.options?.find(({ id }) => id === value)?.label : value;
    },
    webhooks: () => [...state.hooks.values()],
    users: () => [...state.users.values()],
    addUser: (user) => createUser(state, actor(), user),
    updateUser: (id, patch) => {
      const user = must(state.users.get(id), `user ${id}`);
      changeUser(state, actor(), user, patch);
      return user;
    },
    bulkUpdate: (entity, ids, patch, userId) => {
      const by = { ...actor(userId), bulk: true };
      for (const id of ids) changeRecord(state, by, entity, id, patch);
    },
    removeWebhook: (id) => {
      state.hooks.delete(id);
    },
    banWebhook: (id) => ban(state, must(state.hooks.get(id), `webhook ${id}`)),
    addCurrency: (code, decimal_points) => {
      const own = { name: code, symbol: code, active_flag: true, is_custom_flag: true };
      state.currencies.push({ code, decimal_points, ...own });
    },
    tokensSpent: () => state.budget.spent().app,
    spendAsOtherApp: (tokens) => state.budget.chargeOtherApp(tokens),
    changePlan: (plan, seats) => {
      Object.assign(state, { plan, seats });
      state.budget.setPlan(plan, seats);
      state.burst.setPlan(plan);
    },
  };
  return handle;
}

/** @throws Error when there is no such record, ApiFailure for a change that Pipedrive refuses */
function changeRecord(state: CompanyState, by: Actor, entity: EntityName, id: number, patch: JsonObject): void {
  const what = `${entity} ${id}`;
  const options = { partial: true };
  if (entity === 'deal') changeDeal(state, by, must(state.deals.get(id), what), checkBody(DEAL, patch, options));
  else if (entity === 'organization') {
    changeOrganization(state, by, must(state.organizations.get(id), what), checkBody(ORGANIZATION, patch, options));
  } else if (entity === 'person') {
    changePerson(state, by, must(state.persons.get(id), what), checkBody(PERSON, patch, options));
  } else changeProduct(state, by, must(state.products.get(id), what), checkBody(PRODUCT, patch, options));
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
