import { differs, holds, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { memberOf, recordOf, wordsOf } from '../raw-client.ts';

/** Who is asked, and how answers and refusals are made. Source: reference 4.15, 5.1, 5.2 and 6.3. */
export const accountChecks: readonly Check[] = [
  {
    name: 'account.identity',
    claim: 'users/me names the user, the company by number and the first part of its address.',
    covers: ['getMe'],
    async run({ crm, caller, apiDomain }) {
      const me = await crm.getMe(caller);
      const label = new URL(apiDomain).hostname.split('.')[0];
      const local = label === '127';
      return verdict(
        [
          [/^\d+$/.test(me.companyId), `The company is ${me.companyId}.`],
          [
            local || me.companyDomain === label,
            `company_domain is ${me.companyDomain}, the address begins with ${label}.`,
          ],
        ],
        `${me.isAdmin ? 'An admin' : 'No admin'}, language ${me.language}.`,
      );
    },
  },
  {
    name: 'account.users',
    claim: 'The list of users holds the one who asks, with the same marks.',
    covers: ['listUsers'],
    async run({ crm, caller, me }) {
      const users = await crm.listUsers(caller);
      const own = users.find(({ id }) => id === me.userId);
      return verdict(
        [
          [own !== undefined, 'The user who asks is not in it.'],
          [own === undefined || own.isAdmin === me.isAdmin, 'Whether the user is an admin is told both ways.'],
          [own?.active !== false, 'The user who asks is not active.'],
        ],
        `${users.length} users.`,
      );
    },
  },
  {
    name: 'account.admin-marks',
    claim: 'An admin is told by is_admin, or by access to global or account_settings.',
    async run({ raw }) {
      const me = recordOf(await raw.read('/api/v1/users/me'));
      const access = Array.isArray(me['access']) ? me['access'] : [];
      const apps = access.filter((entry) => memberOf(entry, 'admin') === true).map((entry) => memberOf(entry, 'app'));
      return holds(`is_admin: ${String(me['is_admin'])}; admin of: ${apps.join(', ') || 'nothing'}.`);
    },
  },
  {
    name: 'wire.plain',
    claim: 'Nothing is compressed that was not asked to be; answers are JSON.',
    async run({ raw }) {
      const { headers, json } = await raw.read('/api/v1/users/me');
      const encoding = headers['content-encoding'];
      const type = headers['content-type'] ?? '';
      return verdict([
        [encoding === undefined || encoding === 'identity', `The answer comes as ${encoding}.`],
        [/^application\/json\b/.test(type) && json !== undefined, `The answer is ${type}.`],
      ]);
    },
  },
  {
    name: 'wire.correlation',
    claim: 'Answers carry x-correlation-id, for support.',
    async run({ raw }) {
      const { headers } = await raw.read('/api/v1/users/me');
      return verdict([[(headers['x-correlation-id'] ?? '') !== '', 'There is none.']]);
    },
  },
  {
    name: 'wire.refusal',
    claim: 'What is not there is answered 404 as JSON, with success false and words.',
    async run({ raw }) {
      const answer = await raw.read('/api/v2/deals/2147483646');
      const names = Object.keys(Object(answer.json)).join(', ');
      return verdict(
        [
          [answer.status === 404, `It is answered ${answer.status}.`],
          [memberOf(answer.json, 'success') === false, 'success is not false.'],
          [wordsOf(answer) !== '', `There are no words in it: ${names}.`],
        ],
        `Its members: ${names}.`,
      );
    },
  },
  {
    name: 'wire.dead-token',
    claim: 'A token that is no good is answered 401 as JSON, never with a redirect or a page.',
    async run({ raw }) {
      const answer = await raw.once('GET', '/api/v1/users/me', undefined, { authorization: 'Bearer no-such-token' });
      if (answer.status !== 401) return differs(`It is answered ${answer.status}.`);
      return verdict([[answer.json !== undefined, 'It is no JSON.']], wordsOf(answer));
    },
  },
];
