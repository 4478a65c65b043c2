import { z } from 'zod';
import type { TokenLedger, TokenReports } from '../app/ports/token-ledger.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { ALERT_LEVELS } from '../domain/token-alerts.ts';
import { type BudgetFacts, type CrmPlan, NO_FACTS, NOTHING_SPENT, type TokenPurpose } from '../domain/token-budget.ts';
import { SLOT_MS } from '../domain/token-day.ts';
import { after } from '../kernel/clock.ts';
import { safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

interface BudgetRow {
  installation_id: string;
  daily_limit: number | null;
  remaining: number | null;
  told_at: Date | null;
  spent_then: number | null;
  day_started_at: Date | null;
  midnight_from: number | null;
  midnight_minutes: number | null;
  midnight_seen: number;
  stated_plan: CrmPlan | null;
  stated_seats: number | null;
  learnt_plan: CrmPlan | null;
  learnt_seats: number | null;
  background_share: number | null;
  alerted_level: number | null;
  alerted_day: Date | null;
}

const DAY_MS = 86_400_000;
const BY_QUARTER_MS = 2 * DAY_MS;
const KEPT_MS = 35 * DAY_MS;
const WEEKS_MS = 28 * DAY_MS;
/** How it was booked before changes and first loads were told apart. */
const PURPOSE = `case purpose when 'background' then 'delta' else purpose end`;

const Shut = z.object({ reason: z.enum(['day', 'guard', 'account']), until: z.number() });

export const tokenLedger: TokenLedger & TokenReports = {
  async add(tx, at, { purpose, operation, tokens }) {
    // A count, not a promise: what a crash of the database loses is learnt again from Pipedrive's own headers.
    await queriesOf(tx).raw('set local synchronous_commit = off');
    await queriesOf(tx).raw(
      `insert into token_ledger as sums (installation_id, at, purpose, operation, tokens, calls, summed)
       values (?, ?, ?, ?, ?, ?, true)
       on conflict (installation_id, at, purpose, operation) where summed
       do update set tokens = sums.tokens + excluded.tokens, calls = sums.calls + excluded.calls`,
      [tx.installationId, slotOf(at), purpose, operation, tokens, Math.sign(tokens)],
    );
  },

  async spentSince(tx, since) {
    const spent = { ...NOTHING_SPENT };
    for (const { purpose, tokens } of await tokenLedger.sumsSince(tx, since)) spent[purpose] += tokens;
    return spent;
  },

  async sumsSince(tx, since) {
    const { rows } = await queriesOf(tx).raw<{
      rows: { purpose: TokenPurpose; operation: string; tokens: string; calls: string }[];
    }>(
      `select ${PURPOSE} as purpose, operation, sum(tokens) as tokens, sum(calls) as calls from token_ledger
       where installation_id = ? and at >= ? group by 1, 2 order by 3 desc, 1, 2`,
      [tx.installationId, since],
    );
    return rows.map((row) => ({ ...row, tokens: safeInteger(row.tokens), calls: safeInteger(row.calls) }));
  },

  async paceOf(tx, dayBegan) {
    const { rows } = await queriesOf(tx).raw<{
      rows: { at: Date; purpose: TokenPurpose; tokens: string }[];
    }>(
      `select at, ${PURPOSE} as purpose, sum(tokens) as tokens from token_ledger
       where installation_id = :installation and (at >= :began or (at >= :first
         and mod(floor(extract(epoch from at - cast(:began as timestamptz)) / 86400)::integer, 7) = 0))
       group by 1, 2 order by 1, 2`,
      { installation: tx.installationId, began: dayBegan, first: after(dayBegan, -WEEKS_MS) },
    );
    const sums = rows.map((row) => ({ ...row, tokens: safeInteger(row.tokens) }));
    return { today: sums.filter(({ at }) => at >= dayBegan), earlier: sums.filter(({ at }) => at < dayBegan) };
  },

  async tidy(tx, now) {
    await queriesOf(tx).raw(
      `with old as (
         delete from token_ledger
         where installation_id = ? and at < ? and not (summed and at = date_trunc('hour', at, 'UTC')) returning *
       )
       insert into token_ledger as sums (installation_id, at, purpose, operation, tokens, calls, summed)
       select installation_id, date_trunc('hour', at, 'UTC'), ${PURPOSE}, operation, sum(tokens), sum(calls), true
       from old group by 1, 2, 3, 4
       on conflict (installation_id, at, purpose, operation) where summed
       do update set tokens = sums.tokens + excluded.tokens, calls = sums.calls + excluded.calls`,
      [tx.installationId, slotOf(after(now, -BY_QUARTER_MS))],
    );
    await queriesOf(tx)('token_ledger')
      .where({ installation_id: tx.installationId })
      .where('at', '<', after(now, -KEPT_MS))
      .delete();
  },

  async findFacts(tx) {
    const row = await queriesOf(tx)<BudgetRow>('crm_budgets').where({ installation_id: tx.installationId }).first();
    return row ? toFacts(row) : NO_FACTS;
  },

  async lockFacts(tx) {
    const queries = queriesOf(tx);
    const own = { installation_id: tx.installationId };
    await queries('crm_budgets').insert(own).onConflict('installation_id').ignore();
    const row = await queries<BudgetRow>('crm_budgets').where(own).forUpdate().first();
    return row ? toFacts(row) : NO_FACTS;
  },

  saveFacts: (tx, { reading, startedAt, midnight, learntPlan }) =>
    save(tx, {
      daily_limit: reading?.limit ?? null,
      remaining: reading?.remaining ?? null,
      told_at: reading && new Date(reading.at),
      spent_then: reading?.spentThen ?? null,
      day_started_at: startedAt === null ? null : new Date(startedAt),
      midnight_from: midnight?.from ?? null,
      midnight_minutes: midnight?.minutes ?? null,
      midnight_seen: midnight?.seen ?? 0,
      learnt_plan: learntPlan,
    }),

  saveStatement: (tx, stated) => save(tx, { stated_plan: stated?.plan ?? null, stated_seats: stated?.seats ?? null }),
  saveBackgroundShare: (tx, share) => save(tx, { background_share: share === null ? null : Math.round(share * 100) }),
  saveLearntSeats: (tx, seats) => save(tx, { learnt_seats: seats }),

  async findAlerted(tx) {
    const row = await queriesOf(tx)<BudgetRow>('crm_budgets').where({ installation_id: tx.installationId }).first();
    const level = ALERT_LEVELS.find((one) => one === row?.alerted_level);
    return level && row?.alerted_day ? { level, day: row.alerted_day } : null;
  },

  saveAlerted: (tx, alerted) => save(tx, { alerted_level: alerted?.level ?? null, alerted_day: alerted?.day ?? null }),

  async findShut(tx) {
    const row = await queriesOf(tx)<{ installation_id: string; book: { shut?: unknown } }>('crm_gates')
      .where({ installation_id: tx.installationId })
      .first();
    const shut = Shut.safeParse(row?.book.shut);
    return shut.success ? { reason: shut.data.reason, until: new Date(shut.data.until) } : null;
  },
};

/** The quarter of an hour in which an instant lies: all days begin at one. */
function slotOf(at: Date): Date {
  return after(at, -(at.getTime() % SLOT_MS));
}

async function save(tx: Tx, values: Partial<BudgetRow>): Promise<void> {
  await queriesOf(tx)('crm_budgets')
    .insert({ installation_id: tx.installationId, ...values })
    .onConflict('installation_id')
    .merge(values);
}

function toFacts(row: BudgetRow): BudgetFacts {
  const { daily_limit: limit, remaining, told_at: at, midnight_from: from, midnight_minutes: minutes } = row;
  return {
    reading:
      limit === null || remaining === null || at === null
        ? null
        : { limit, remaining, at: at.getTime(), spentThen: row.spent_then ?? 0 },
    startedAt: row.day_started_at?.getTime() ?? null,
    midnight: from === null || minutes === null ? null : { from, minutes, seen: row.midnight_seen },
    statedPlan: row.stated_plan,
    statedSeats: row.stated_seats,
    learntPlan: row.learnt_plan,
    learntSeats: row.learnt_seats,
    backgroundShare: row.background_share === null ? null : row.background_share / 100,
  };
}
