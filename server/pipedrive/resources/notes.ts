import { z } from 'zod';
import type { Crm } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { onlyFitting } from '../plausibility.ts';
import { Id, IdOrNull, Text } from '../values.ts';

const Note = z.object({ id: Id, content: Text, deal_id: IdOrNull });
const Written = one(z.object({ id: Id }));

export function createNotes(api: Api): Pick<Crm, 'createDealNote' | 'listDealNotes' | 'updateNote' | 'deleteNote'> {
  return {
    async createDealNote(caller, dealId, html) {
      const body = { content: html, deal_id: dealId, pinned_to_deal_flag: 1 };
      const { data } = await api.call(caller, operation('createNote'), { body }, Written);
      return data.id;
    },

    async listDealNotes(caller, dealId) {
      const notes: { id: number; content: string }[] = [];
      const input = { query: { deal_id: dealId } };
      for await (const rows of api.oldPages(caller, operation('listNotes'), input, Note)) {
        const own = onlyFitting(rows, (note) => note.deal_id === dealId);
        notes.push(...own.map(({ id, content }) => ({ id, content })));
      }
      return notes;
    },

    async updateNote(caller, id, html) {
      await api.call(caller, operation('updateNote'), { id, body: { content: html } }, Written);
    },

    async deleteNote(caller, id) {
      await api.call(caller, operation('deleteNote'), { id }, z.unknown());
    },
  };
}
