import { changeOrganization, createOrganization, deleteOrganization } from '../company/organizations.ts';
import { changePerson, createPerson, deletePerson } from '../company/persons.ts';
import { organizationView, personView } from '../company/rest-views.ts';
import type { CompanyState } from '../company/state.ts';
import { ORGANIZATION, PERSON } from '../validation/body-specs.ts';
import { integerParameter } from '../validation/query.ts';
import { checkBody } from '../validation/spec.ts';
import { fieldView, filtered, listAnswer, visibleRecord } from './record-queries.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const READ = ['contacts:read', 'contacts:full'];
const WRITE = ['contacts:full'];

const organization = (call: ApiCall) => visibleRecord(call, call.company.organizations, idOf(call), 'Organization');
const person = (call: ApiCall) => visibleRecord(call, call.company.persons, idOf(call), 'Person');
const { add_time: _addTime, ...CHANGED_ORGANIZATION } = ORGANIZATION;

const countPeople = (company: CompanyState, organizationId: number) =>
  [...company.persons.values()].filter((one) => one.org_id === organizationId && !one.is_deleted).length;

export const contactRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/organizations',
    scopes: READ,
    handle: (call) => {
      return listAnswer(call, filtered(call, call.company.organizations.values()), organizationView);
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/organizations',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(ORGANIZATION, call.body, { partial: false });
      return ok(organizationView(call.company, createOrganization(call.company, call.actor, body)));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/organizations/{id}',
    scopes: READ,
    handle: (call) => {
      const record = organization(call);
      const shown = organizationView(call.company, record, fieldView(call.query));
      const isCounted = call.query.get('include_fields')?.split(',').includes('people_count');
      return ok(isCounted ? { ...shown, people_count: countPeople(call.company, record.id) } : shown);
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/organizations/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(CHANGED_ORGANIZATION, call.body, { partial: true });
      const record = organization(call);
      changeOrganization(call.company, call.actor, record, body);
      return ok(organizationView(call.company, record));
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/organizations/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = organization(call);
      deleteOrganization(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/persons',
    scopes: READ,
    handle: (call) => {
      const org = integerParameter(call.query, 'org_id');
      const dealId = integerParameter(call.query, 'deal_id');
      const main = dealId === undefined ? undefined : call.company.deals.get(dealId)?.person_id;
      const rows = filtered(call, call.company.persons.values()).filter(
        (row) => (org === undefined || row.org_id === org) && (dealId === undefined || row.id === main),
      );
      return listAnswer(call, rows, personView);
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/persons',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(PERSON, call.body, { partial: false });
      return ok(personView(call.company, createPerson(call.company, call.actor, body)));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/persons/{id}',
    scopes: READ,
    handle: (call) => {
      return ok(personView(call.company, person(call), fieldView(call.query)));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/persons/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(PERSON, call.body, { partial: true });
      const record = person(call);
      changePerson(call.company, call.actor, record, body);
      return ok(personView(call.company, record));
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/persons/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = person(call);
      deletePerson(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
];
