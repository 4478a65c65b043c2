import { z } from 'zod';
import type { Crm, CrmIdentity } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one, whole } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Flag, Id, Text } from '../values.ts';

const Access = z
  .array(z.object({ app: z.string(), admin: Flag }))
  .nullish()
  .catch(null);

const User = z.object({
  id: Id,
  name: Text,
  email: Text,
  active_flag: Flag,
  is_admin: Flag,
  access: Access,
});

const Me = User.extend({
  company_id: Id,
  company_name: Text,
  company_domain: Text,
  language: z.object({ language_code: z.string() }).nullish().catch(null),
}).transform(
  (me): CrmIdentity => ({
    userId: me.id,
    userName: me.name,
    isAdmin: isAdmin(me),
    companyId: String(me.company_id),
    companyName: me.company_name,
    companyDomain: me.company_domain,
    language: me.language?.language_code ?? 'en',
  }),
);

/** The answer of `users/me`, also read before there is an installation. */
export const IdentityAnswer = one(Me);

/**
 * `is_admin` is the older mark, still sent; the newer one is administration of the whole account or of its settings
 * (reference pipedrive-api.md, section 4.15).
 */
function isAdmin(user: z.output<typeof User>): boolean {
  const apps = (user.access ?? []).filter((entry) => entry.admin).map((entry) => entry.app);
  return user.is_admin || apps.includes('global') || apps.includes('account_settings');
}

export function createUsers(api: Api): Pick<Crm, 'listUsers' | 'getMe'> {
  return {
    async getMe(caller) {
      const { data } = await api.call(caller, operation('getMe'), {}, IdentityAnswer);
      return data;
    },
    async listUsers(caller) {
      const { data } = await api.call(caller, operation('listUsers'), {}, whole(User));
      return data.map((user) => ({
        id: user.id,
        name: user.name,
        email: user.email,
        active: user.active_flag,
        isAdmin: isAdmin(user),
      }));
    },
  };
}
