import type { Crm } from '../../../server/app/ports/crm.ts';
import { countedSince } from '../../../server/domain/token-day.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import { startTokenRig, type TokenRig } from './token-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Where no header tells of the day, it is spent by then: its end is all that can be learnt from. */
const SPENT_AFTER = 6 * HOUR;
const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Sydney'] as const;
/** What goes wrong; the practice side charges each from its own list of prices. */
const FAULTS = [
  { kind: 'status', status: 500 },
  { kind: 'drop_before' },
  { kind: 'drop_after_commit' },
  { kind: 'truncated_json' },
  { kind: 'rate_limit_burst' },
] as const;

/** How far the ledger was off, each as a part of what it is read against. */
export interface LedgerError {
  /** Of what we spent ourselves since the simulation began, over all midnights. */
  readonly ever: number;
  /**
   * Of what we spent ourselves in the company's day. Where no header tells when that began: by how much the budget's rules
   * counted too little.
   */
  readonly own: number;
  /** Of what all have spent; the larger of what is left and what others spent. */
  readonly left: number;
}

interface Random {
  next(): number;
}

export interface SimulatedDay {
  readonly worst: LedgerError;
  /** In the end: whether the beginning of the company's day was learnt, and lies where it was learnt to lie. */
  readonly midnight: 'unknown' | 'right' | 'wrong';
}

/**
 * A day and a quarter in which others spend too, calls fail, are refused for coming too fast, and go unanswered, and
 * headers come and go. Where none ever comes, others spend all that is left after some hours. Ledger and Pipedrive are
 * compared every hour: as the ledger foresees it, and after an answer of that moment.
 * @returns the largest errors seen
 */
export async function simulateDay(seed: number): Promise<SimulatedDay> {
  const random = createRandom(seed);
  const headers = (['always', 'sometimes', 'never'] as const)[seed % 3] ?? 'always';
  const timeZone = ZONES[Math.floor(random.next() * ZONES.length)] ?? 'UTC';
  const rig = await startTokenRig({ timeZone, data: { organizations: [{ id: 1, name: 'Nordwind GmbH' }] } });
  try {
    const { switches, budget } = rig.company.state;
    Object.assign(switches, { failedCallsCost: true, unansweredCallsCost: true });
    const processes = [rig.addProcess(), rig.addProcess()];
    let worst: LedgerError = { ever: 0, own: 0, left: 0 };
    let hour = Math.floor(rig.clock.now() / HOUR);
    const began = { at: rig.clock.now(), appSpent: budget.spentEver() };
    let isSpent = false;
    // What others spend after an answer, nobody can know before the next one.
    let unseen = 0;
    let dayEndsAt = 0;
    const told = () => {
      unseen = 0;
      dayEndsAt = rig.clock.now() + budget.untilReset();
    };
    const isTold = headers !== 'never';
    const compare = async (unseen: number) => {
      worst = worse(worst, await errorNow(rig, { unseen, began, isTold }));
    };
    const end = rig.clock.now() + 30 * HOUR;
    while (rig.clock.now() < end) {
      rig.clock.advance(Math.ceil(random.next() * 40 * MINUTE));
      // Where they come and go, they stay away for hours.
      const isQuiet = headers === 'sometimes' && Math.floor(rig.clock.now() / (5 * HOUR)) % 2 === 1;
      switches.dailyHeaders = headers !== 'never' && !isQuiet;
      if (random.next() < 0.7) {
        const tokens = Math.floor(random.next() * 150);
        rig.company.spendAsOtherApp(tokens);
        unseen += tokens;
      }
      if (headers === 'never' && !isSpent && rig.clock.now() - began.at > SPENT_AFTER) {
        rig.company.spendAsOtherApp(budget.remaining());
        isSpent = true;
      }
      const crm = processes[random.next() < 0.5 ? 0 : 1];
      const isAnswered = crm !== undefined && (await callOne(rig, crm, random));
      if (isAnswered && switches.dailyHeaders) told();
      const now = Math.floor(rig.clock.now() / HOUR);
      if (now === hour) continue;
      hour = now;
      if (headers === 'never' || rig.clock.now() < dayEndsAt) await compare(unseen);
      if (headers === 'never' || (isQuiet && rig.clock.now() < dayEndsAt)) continue;
      // Whether a new day has begun is known from its first answer only.
      switches.dailyHeaders = true;
      await processes[0]?.getOrganization(rig.caller('order'), 1);
      told();
      await compare(0);
    }
    return { worst, midnight: await midnightOf(rig) };
  } finally {
    await rig.close();
  }
}

/** @returns whether there was an answer of any kind */
async function callOne(rig: TokenRig, crm: Crm, random: Random): Promise<boolean> {
  // Of a spent day nothing can be charged, whatever becomes of a call.
  const goesWrong = random.next() < 0.2 && rig.company.state.budget.remaining() > 0;
  const fault = goesWrong ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined;
  const placed = fault && rig.practice.faults.add({ match: { path: /^\/api\// }, fault });
  const caller = rig.caller('order');
  const calls = [
    () => crm.getOrganization(caller, 1),
    () => crm.getOrganization(caller, 99),
    () => crm.listUsers(caller),
    () => crm.listUsers(caller),
    () => crm.listDealLines(caller, 5),
    () => crm.createOrganization(caller, { name: 'Neu AG' }),
    () => crm.getDeal(caller, 5),
  ];
  try {
    await calls[Math.floor(random.next() * calls.length)]?.();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  } finally {
    placed?.remove();
  }
  return rig.company.requests().at(-1)?.status !== 0;
}

interface Compared {
  readonly unseen: number;
  readonly began: { readonly at: number; readonly appSpent: number };
  readonly isTold: boolean;
}

async function errorNow(rig: TokenRig, { unseen, began, isTold }: Compared): Promise<LedgerError> {
  const day = await rig.day();
  const { budget } = rig.company.state;
  const { app, all } = budget.spent();
  const appEver = budget.spentEver() - began.appSpent;
  const left = Math.abs((day.remaining ?? 0) - unseen - budget.remaining());
  const others = Math.abs((day.othersSpent ?? 0) + unseen - (all - app));
  return {
    ever: errorOf(await rig.spentSince(new Date(began.at)), appEver),
    own: isTold ? errorOf(sumOf(day.spent), app) : Math.max(0, app - (await counted(rig))) / Math.max(app, 100),
    left: isTold ? Math.max(left, others) / Math.max(all, 1_000) : 0,
  };
}

/** What the rules of the budget take the day to have cost. */
async function counted(rig: TokenRig): Promise<number> {
  return rig.spentSince(new Date(countedSince(await rig.facts(), rig.clock.now())));
}

async function midnightOf(rig: TokenRig): Promise<SimulatedDay['midnight']> {
  const { midnight } = await rig.facts();
  if (!midnight) return 'unknown';
  const began = rig.clock.now() + rig.company.state.budget.untilReset();
  const later = (began / MINUTE - midnight.from + 1_440) % 1_440;
  return later <= midnight.minutes ? 'right' : 'wrong';
}

const errorOf = (booked: number, spent: number): number => Math.abs(booked - spent) / Math.max(spent, 100);

const sumOf = (sums: readonly { readonly tokens: number }[]): number =>
  sums.reduce((sum, { tokens }) => sum + tokens, 0);

function worse(a: LedgerError, b: LedgerError): LedgerError {
  return { ever: Math.max(a.ever, b.ever), own: Math.max(a.own, b.own), left: Math.max(a.left, b.left) };
}
