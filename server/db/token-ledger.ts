import type { TokenLedger, TokenPurpose } from '../app/ports/token-ledger.ts';
import { safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

interface DailyRow {
  installation_id: string;
  daily_limit: number;
  remaining: number;
  at: Date;
}

export const tokenLedger: TokenLedger = {
  async add(tx, at, { purpose, operation, tokens, calls }) {
    // A count, not a promise: what a crash of the database loses is learnt again from Pipedrive's own headers.
    await queriesOf(tx).raw('set local synchronous_commit = off');
    await queriesOf(tx)('token_ledger').insert({
      installation_id: tx.installationId,
      at,
      purpose,
      operation,
      tokens,
      calls,
    });
  },

  async spentSince(tx, since) {
    const queries = queriesOf(tx);
    const rows = await queries('token_ledger')
      .where({ installation_id: tx.installationId })
      .where('at', '>=', since)
      .groupBy('purpose')
      .select<{ purpose: TokenPurpose; tokens: string; calls: string }[]>(
        'purpose',
        queries.raw('sum(tokens) as tokens'),
        queries.raw('sum(calls) as calls'),
      );
    return rows.map((row) => ({
      purpose: row.purpose,
      tokens: safeInteger(row.tokens),
      calls: safeInteger(row.calls),
    }));
  },

  async saveDaily(tx, { limit, remaining, at }) {
    // Answers may come in any order: an older one does not replace a newer one.
    await queriesOf(tx)('token_budgets')
      .insert({ installation_id: tx.installationId, daily_limit: limit, remaining, at })
      .onConflict('installation_id')
      .merge()
      .where('token_budgets.at', '<=', at);
  },

  async findDaily(tx) {
    const row = await queriesOf(tx)<DailyRow>('token_budgets').where({ installation_id: tx.installationId }).first();
    return row && { limit: row.daily_limit, remaining: row.remaining, at: row.at };
  },
};
