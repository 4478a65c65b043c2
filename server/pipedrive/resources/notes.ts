import { z } from 'zod';
import type { Crm } from '../../app/ports/crm.ts';
import { type Api, PAGE_SIZE } from '../api.ts';
import { oldPage, one } from '../envelopes.ts';
import { notAnswering } from '../errors.ts';
import { operation } from '../operations.ts';
import { Id, IdOrNull, Text } from '../values.ts';

const Note = z.object({ id: Id, content: Text, deal_id: IdOrNull });
const NotePage = oldPage(Note);
const Written = one(z.object({ id: Id }));

export function createNotes(api: Api): Pick<Crm, 'createDealNote' | 'listDealNotes'> {
  return {
    async createDealNote(caller, dealId, html) {
      const body = { content: html, deal_id: dealId, pinned_to_deal_flag: 1 };
      const { data } = await api.call(caller, operation('createNote'), { body }, Written);
      return data.id;
    },

    async listDealNotes(caller, dealId) {
      const notes: z.output<typeof Note>[] = [];
      let start: number | undefined = 0;
      while (start !== undefined) {
        const query = { deal_id: dealId, start, limit: PAGE_SIZE };
        const answer = await api.call(caller, operation('listNotes'), { query }, NotePage);
        notes.push(...answer.data.filter((note) => note.deal_id === dealId));
        start = nextStart(answer, start);
      }
      return notes.map(({ id, content }) => ({ id, content }));
    },
  };
}

/** Some calls of API v1 put the paging one level deeper than others. */
function nextStart({ additional_data }: z.output<typeof NotePage>, start: number): number | undefined {
  const paging = additional_data?.pagination ?? additional_data;
  if (!paging?.more_items_in_collection) return undefined;
  const next = paging.next_start ?? start + PAGE_SIZE;
  if (next <= start) throw notAnswering(new Error('the same page twice'));
  return next;
}
