import { z } from 'zod';
import type { Crm, CrmWebhookInfo } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one, whole } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Flag, Id, Text, TextOrNull } from '../values.ts';

const Webhook = z
  .object({
    id: Id,
    subscription_url: Text,
    event_object: Text,
    event_action: Text,
    is_active: Flag,
    http_auth_user: TextOrNull.catch(null),
    user_id: Id.nullish().catch(null),
    last_http_status: z.number().nullish().catch(null),
    last_delivery_time: z.coerce.date().nullish().catch(null),
  })
  .transform(
    (webhook): CrmWebhookInfo => ({
      id: webhook.id,
      url: webhook.subscription_url,
      object: webhook.event_object,
      action: webhook.event_action,
      active: webhook.is_active,
      user: webhook.http_auth_user,
      ownerId: webhook.user_id ?? null,
      lastStatus: webhook.last_http_status ?? null,
      lastDeliveryAt: webhook.last_delivery_time ?? null,
    }),
  );

/**
 * An app is shown its own webhooks alone; to a personal API token those of everybody are shown (`general`), of which
 * only the ones with this app's name may be touched (reference pipedrive-api.md, section 3.1).
 */
const Owner = z.object({ type: Text.catch(''), name: Text.catch('') });
const OUR_NAME = 'Orderline ';
const isOurs = ({ type, name }: z.output<typeof Owner>): boolean => type !== 'general' || name.startsWith(OUR_NAME);

const Written = one(z.object({ id: Id }));

export function createWebhooks(api: Api): Pick<Crm, 'listWebhooks' | 'createWebhook' | 'deleteWebhook'> {
  return {
    async listWebhooks(caller) {
      const { data } = await api.call(caller, operation('listWebhooks'), {}, whole(Webhook.and(Owner)));
      return data.filter(isOurs).map(({ type: _type, name: _name, ...webhook }) => webhook);
    },

    async createWebhook(caller, { name, url, object, action, user, password }) {
      const body = {
        name,
        subscription_url: url,
        event_object: object,
        event_action: action,
        http_auth_user: user,
        http_auth_password: password,
        version: '2.0',
      };
      const { data } = await api.call(caller, operation('createWebhook'), { body }, Written);
      return data.id;
    },

    async deleteWebhook(caller, id) {
      await api.call(caller, operation('deleteWebhook'), { id }, z.unknown());
    },
  };
}
