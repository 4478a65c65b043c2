import { z } from 'zod';
import type { Crm, CrmChoiceEntity, CrmField, CrmFieldEntity, CrmOption } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one } from '../envelopes.ts';
import { type Operation, operation } from '../operations.ts';
import { Flag, Text, TextOrNull } from '../values.ts';

/** Built-in fields may have options whose ids are words; only numbers can be written into a custom field. */
const Options = z
  .array(z.object({ id: z.unknown(), label: z.unknown() }))
  .nullish()
  .catch(null)
  .transform((options): readonly CrmOption[] =>
    (options ?? []).flatMap(({ id, label }) =>
      typeof id === 'number' && Number.isSafeInteger(id) && typeof label === 'string' ? [{ id, label }] : [],
    ),
  );

const Field = z
  .object({
    field_code: z.string().min(1),
    field_name: Text,
    field_type: Text,
    is_custom_field: Flag,
    description: TextOrNull.catch(null),
    options: Options,
  })
  .transform(
    (field): CrmField => ({
      code: field.field_code,
      name: field.field_name,
      type: field.field_type,
      custom: field.is_custom_field,
      description: field.description,
      options: field.options,
    }),
  );

const LIST = {
  deal: operation('listDealFields'),
  organization: operation('listOrganizationFields'),
  person: operation('listPersonFields'),
  product: operation('listProductFields'),
} as const satisfies Readonly<Record<CrmFieldEntity, Operation>>;

const CREATE = {
  deal: operation('createDealField'),
  organization: operation('createOrganizationField'),
  person: operation('createPersonField'),
  product: operation('createProductField'),
} as const satisfies Readonly<Record<CrmFieldEntity, Operation>>;

const ADD_OPTIONS = {
  deal: operation('addDealFieldOptions'),
  organization: operation('addOrganizationFieldOptions'),
} as const satisfies Readonly<Record<CrmChoiceEntity, Operation>>;

const RENAME_OPTIONS = {
  deal: operation('renameDealFieldOptions'),
  organization: operation('renameOrganizationFieldOptions'),
} as const satisfies Readonly<Record<CrmChoiceEntity, Operation>>;

type FieldCalls = 'listFields' | 'createField' | 'addFieldOptions' | 'renameFieldOptions';

export function createFields(api: Api): Pick<Crm, FieldCalls> {
  return {
    async listFields(caller, entity) {
      const fields: CrmField[] = [];
      for await (const rows of api.pages(caller, LIST[entity], {}, Field)) fields.push(...rows);
      return fields;
    },

    async createField(caller, entity, field) {
      const options = field.type === 'enum' && { options: field.options.map((label) => ({ label })) };
      const description = field.type !== 'enum' &&
        field.description !== undefined && { description: field.description };
      const body = { field_name: field.name, field_type: field.type, ...options, ...description };
      const { data } = await api.call(caller, CREATE[entity], { body }, one(Field));
      return data;
    },

    async addFieldOptions(caller, entity, fieldCode, labels) {
      const body = labels.map((label) => ({ label }));
      const { data } = await api.call(caller, ADD_OPTIONS[entity], { fieldCode, body }, one(Options));
      return data;
    },

    async renameFieldOptions(caller, entity, fieldCode, options) {
      const body = options.map(({ id, label }) => ({ id, label }));
      await api.call(caller, RENAME_OPTIONS[entity], { fieldCode, body }, z.unknown());
    },
  };
}
