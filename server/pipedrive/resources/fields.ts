import { z } from 'zod';
import type { Crm, CrmField, CrmFieldEntity } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one } from '../envelopes.ts';
import { type Operation, operation } from '../operations.ts';
import { Flag, Text } from '../values.ts';

const Field = z
  .object({ field_code: z.string().min(1), field_name: Text, field_type: Text, is_custom_field: Flag })
  .transform(
    (field): CrmField => ({
      code: field.field_code,
      name: field.field_name,
      type: field.field_type,
      custom: field.is_custom_field,
    }),
  );

const Created = one(z.object({ field_code: z.string().min(1) }));

const LIST: Readonly<Record<CrmFieldEntity, Operation>> = {
  deal: operation('listDealFields'),
  organization: operation('listOrganizationFields'),
  person: operation('listPersonFields'),
  product: operation('listProductFields'),
};

const CREATE: Readonly<Record<CrmFieldEntity, Operation>> = {
  deal: operation('createDealField'),
  organization: operation('createOrganizationField'),
  person: operation('createPersonField'),
  product: operation('createProductField'),
};

export function createFields(api: Api): Pick<Crm, 'listFields' | 'createField'> {
  return {
    async listFields(caller, entity) {
      const fields: CrmField[] = [];
      for await (const rows of api.pages(caller, LIST[entity], {}, Field)) fields.push(...rows);
      return fields;
    },

    async createField(caller, entity, { name, type }) {
      const body = { field_name: name, field_type: type };
      const { data } = await api.call(caller, CREATE[entity], { body }, Created);
      return data.field_code;
    },
  };
}
