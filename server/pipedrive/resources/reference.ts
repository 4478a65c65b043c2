import { z } from 'zod';
import type { CrmCaller } from '../../app/ports/crm.ts';
import type { CrmReference } from '../../app/ports/crm-reference.ts';
import type { Api } from '../api.ts';
import { one, whole } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Flag, Id, Text } from '../values.ts';
import { Prices } from './prices.ts';

const Pipeline = z.object({ id: Id, name: Text, is_deleted: Flag });
const Stage = z.object({ id: Id, name: Text, pipeline_id: Id, is_deleted: Flag });
const Currency = z.object({
  code: z.string().min(1),
  name: Text,
  decimal_points: z.number().int().min(0).max(10).catch(2),
  active_flag: Flag,
});
const Variation = z.object({ id: Id, name: Text, prices: Prices });

/** The code of a product may come as a number (reference pipedrive-api.md, section 4.9). */
const Code = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((code) => String(code ?? ''));
const Item = z.object({ id: Id, name: Text, code: Code });
const Found = one(z.object({ items: z.array(z.object({ item: Item })) }));

export function createReference(api: Api): CrmReference {
  async function search(
    caller: CrmCaller,
    kind: 'searchProducts' | 'searchOrganizations',
    fields: 'code' | 'name',
    term: string,
  ): Promise<readonly z.output<typeof Item>[]> {
    const query = { term, fields, exact_match: true, limit: 500 };
    const { data } = await api.call(caller, operation(kind), { query }, Found);
    return data.items.map(({ item }) => item).filter((item) => sameText(item[fields], term));
  }

  return {
    async listPipelines(caller) {
      const pipelines = await collect(api.pages(caller, operation('listPipelines'), {}, Pipeline));
      return pipelines.filter((row) => !row.is_deleted).map(({ id, name }) => ({ id, name }));
    },

    async listStages(caller) {
      const query = { sort_by: 'order_nr', sort_direction: 'asc' };
      const stages = await collect(api.pages(caller, operation('listStages'), { query }, Stage));
      return stages
        .filter((row) => !row.is_deleted)
        .map(({ id, name, pipeline_id }) => ({ id, name, pipelineId: pipeline_id }));
    },

    async listCurrencies(caller) {
      const { data } = await api.call(caller, operation('listCurrencies'), {}, whole(Currency));
      return data.map((row) => ({
        code: row.code,
        name: row.name,
        decimals: row.decimal_points,
        active: row.active_flag,
      }));
    },

    listProductVariations(caller, id) {
      return collect(api.pages(caller, operation('listProductVariations'), { id }, Variation));
    },

    findProductsByCode: (caller, code) => search(caller, 'searchProducts', 'code', code),
    findOrganizationsByName: (caller, name) => search(caller, 'searchOrganizations', 'name', name),
  };
}

/** A search that takes beginnings for the whole must hand out nothing else. */
function sameText(found: string, term: string): boolean {
  return found.trim().toLowerCase() === term.trim().toLowerCase();
}

async function collect<Row>(pages: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
