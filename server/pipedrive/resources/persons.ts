import { z } from 'zod';
import type { Crm, CrmPerson, PersonValues } from '../../app/ports/crm.ts';
import type { ContactPoint } from '../../domain/partner-mapping.ts';
import type { Api } from '../api.ts';
import { readByIds } from '../by-ids.ts';
import { changedRows } from '../changed-rows.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { onlyFitting } from '../plausibility.ts';
import { Flag, Id, IdOrNull, Text } from '../values.ts';

const ContactPoints = z
  .array(z.object({ value: Text, label: Text.nullish(), primary: Flag.nullish() }))
  .nullish()
  .transform((points): readonly ContactPoint[] =>
    (points ?? [])
      .filter(({ value }) => value !== '')
      .map(({ value, label, primary }) => ({ value, label: label ?? null, primary: primary ?? false })),
  );

const Person = z
  .object({
    id: Id,
    name: Text,
    org_id: IdOrNull,
    emails: ContactPoints,
    phones: ContactPoints,
    update_time: Text,
    is_deleted: Flag,
  })
  .transform(
    (person): CrmPerson => ({
      id: person.id,
      name: person.name,
      organizationId: person.org_id,
      emails: person.emails,
      phones: person.phones,
      updateTime: person.update_time,
      isDeleted: person.is_deleted,
    }),
  );

const Written = one(z.object({ id: Id }));

type PersonCalls = 'getPerson' | 'listPersons' | 'listPersonsByIds' | 'createPerson' | 'updatePerson';

export function createPersons(api: Api): Pick<Crm, PersonCalls> {
  return {
    async getPerson(caller, id) {
      const { data } = await api.call(caller, operation('getPerson'), { id }, one(Person));
      return data;
    },

    async *listPersons(caller, { organizationId, updatedSince }) {
      const wanted = { updatedSince, query: { org_id: organizationId }, row: Person };
      for await (const rows of changedRows(api, caller, operation('listPersons'), wanted)) {
        yield onlyFitting(rows, (row) => organizationId === undefined || row.organizationId === organizationId);
      }
    },

    listPersonsByIds(caller, ids) {
      return readByIds(api, caller, operation('listPersons'), ids, { row: Person });
    },

    async createPerson(caller, values) {
      const { data } = await api.call(caller, operation('createPerson'), { body: toBody(values) }, Written);
      return data.id;
    },

    async updatePerson(caller, id, values) {
      await api.call(caller, operation('updatePerson'), { id, body: toBody(values) }, Written);
    },
  };
}

/** Addresses and numbers are replaced as a whole, or, left out, stay as they are. */
function toBody({ name, organizationId, emails, phones }: Partial<PersonValues>) {
  return { name, org_id: organizationId, emails: emails?.map(toPoint), phones: phones?.map(toPoint) };
}

function toPoint({ value, label, primary }: ContactPoint) {
  return { value, primary, ...(label === null ? {} : { label }) };
}
