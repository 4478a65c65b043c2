import type { CrmFieldEntity } from '../../../../server/app/ports/crm.ts';
import { type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { rowsOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const ENTITIES: readonly CrmFieldEntity[] = ['organization', 'person', 'deal', 'product'];

async function fields({ crm, caller }: Scene): Promise<Found> {
  const all = (await Promise.all(ENTITIES.map((entity) => crm.listFields(caller, entity)))).flat();
  const own = all.filter(({ custom }) => custom);
  const odd = own.filter(({ code }) => !/^[0-9a-f]{40}$/.test(code));
  const types = [...new Set(own.map(({ type }) => type))];
  return verdict(
    [
      [all.length > 0, 'There are none.'],
      [odd.length === 0, `${odd.length} fields of the company's own have another code.`],
    ],
    `${own.length} of ${all.length} are the company's own${types.length > 0 ? `: ${types.join(', ')}` : ''}.`,
  );
}

/** What the company has set up. Source: reference 3.1, 4.10, 4.12, 4.14 and 4.15. */
export const referenceChecks: readonly Check[] = [
  {
    name: 'reference.pipelines',
    claim: 'There is a pipeline, and each stage is of one.',
    covers: ['listPipelines', 'listStages'],
    async run({ crm, caller }) {
      const pipelines = await crm.listPipelines(caller);
      const stages = await crm.listStages(caller);
      const known = new Set(pipelines.map(({ id }) => id));
      return verdict(
        [
          [pipelines.length > 0, 'There is none.'],
          [stages.every(({ pipelineId }) => known.has(pipelineId)), 'Some stages are of others.'],
        ],
        `${pipelines.length} pipelines, ${stages.length} stages.`,
      );
    },
  },
  {
    name: 'reference.currencies',
    claim: 'Currencies are listed with their decimals, EUR among them.',
    covers: ['listCurrencies'],
    async run({ crm, caller }) {
      const currencies = await crm.listCurrencies(caller);
      const euro = currencies.find(({ code }) => code === 'EUR');
      return verdict(
        [[euro?.decimals === 2, `EUR has ${euro?.decimals ?? 'no'} decimals.`]],
        `${currencies.length} currencies.`,
      );
    },
  },
  {
    name: 'fields.definitions',
    claim: 'The code of a custom field is 40 hexadecimal digits.',
    covers: ['listOrganizationFields', 'listPersonFields', 'listDealFields', 'listProductFields'],
    run: fields,
  },
  {
    name: 'notes.read',
    claim: 'The notes of a deal are listed, and no others.',
    covers: ['listNotes'],
    async run({ crm, caller, facts }) {
      const [deal] = await facts.deals();
      if (!deal) return notAsked('There is no deal.');
      return holds(`${(await crm.listDealNotes(caller, deal.id)).length} notes.`);
    },
  },
  {
    name: 'webhooks.own',
    claim: 'The webhooks of the app, or of the token’s user, are listed; their password may be shown.',
    covers: ['listWebhooks'],
    async run({ crm, caller, raw }) {
      const hooks = await crm.listWebhooks(caller);
      const [first] = rowsOf(await raw.read('/api/v1/webhooks'));
      if (!first) return holds('There are none.');
      const shown = typeof first['http_auth_password'] === 'string' ? 'shown' : 'not shown';
      return verdict(
        [['is_active' in first, 'Whether it is active is not told.']],
        `${hooks.length} of ours; the password of one is ${shown}, its type is ${String(first['type'])}.`,
      );
    },
  },
];
