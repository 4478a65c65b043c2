import { z } from 'zod';
import type { Crm, CrmOrganization, OrganizationValues } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { CustomFieldValues, Id, Text, wholeSeconds } from '../values.ts';

const Organization = z
  .object({
    id: Id,
    name: Text,
    address: z.object({ postal_code: z.string().nullish() }).nullish().catch(null),
    custom_fields: CustomFieldValues,
  })
  .transform(
    (organization): CrmOrganization => ({
      id: organization.id,
      name: organization.name,
      postalCode: organization.address?.postal_code ?? null,
      customFields: organization.custom_fields,
    }),
  );

const Written = one(z.object({ id: Id }));

/** Pipedrive lets a query name no more custom fields than these. */
const MOST_CUSTOM_FIELDS = 15;

type OrganizationCalls = 'getOrganization' | 'listOrganizations' | 'createOrganization' | 'updateOrganization';

export function createOrganizations(api: Api): Pick<Crm, OrganizationCalls> {
  return {
    async getOrganization(caller, id) {
      const { data } = await api.call(caller, operation('getOrganization'), { id }, one(Organization));
      return data;
    },

    listOrganizations(caller, { updatedSince, customFields }) {
      const named = customFields.length > 0 && customFields.length <= MOST_CUSTOM_FIELDS;
      const query = {
        updated_since: updatedSince && wholeSeconds(updatedSince),
        custom_fields: named ? customFields.join(',') : undefined,
      };
      return api.pages(caller, operation('listOrganizations'), { query }, Organization);
    },

    async createOrganization(caller, values) {
      const body = toBody(values);
      const { data } = await api.call(caller, operation('createOrganization'), { body }, Written);
      return data.id;
    },

    async updateOrganization(caller, id, values) {
      await api.call(caller, operation('updateOrganization'), { id, body: toBody(values) }, Written);
    },
  };
}

/** Of an address Pipedrive empties every part that is not sent, which is what an absent part means here too. */
function toBody({ name, address, customFields }: OrganizationValues): object {
  return {
    ...(name !== undefined && { name }),
    ...(address && {
      address: {
        value: address.value,
        ...(address.postalCode !== null && { postal_code: address.postalCode }),
        ...(address.locality !== null && { locality: address.locality }),
        ...(address.country !== null && { country: address.country }),
      },
    }),
    ...(customFields && { custom_fields: customFields }),
  };
}
