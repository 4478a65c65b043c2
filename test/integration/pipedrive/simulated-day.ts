import type { Crm } from '../../../server/app/ports/crm.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import { startTokenRig, type TokenRig } from './token-rig.ts';

const MINUTE = 60_000;
const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Sydney'] as const;
/** What goes wrong; the practice side charges each from its own list of prices. */
const FAULTS = [
  { kind: 'status', status: 500 },
  { kind: 'drop_before' },
  { kind: 'drop_after_commit' },
  { kind: 'truncated_json' },
] as const;

/** How far the ledger was off, each as a part of what it is read against. */
export interface LedgerError {
  /** Of what we spent ourselves. */
  readonly own: number;
  /** Of what all have spent; the larger of what is left and what others spent. */
  readonly left: number;
}

interface Random {
  next(): number;
}

/**
 * A day and a quarter in which others spend too, calls fail and go unanswered, and headers come and go. Ledger and
 * Pipedrive are compared every hour: as the ledger foresees it, and after an answer of that moment.
 * @returns the largest errors seen
 */
export async function simulateDay(seed: number): Promise<LedgerError> {
  const random = createRandom(seed);
  const headers = (['always', 'sometimes', 'never'] as const)[seed % 3] ?? 'always';
  const timeZone = headers === 'never' ? 'UTC' : (ZONES[seed % ZONES.length] ?? 'UTC');
  const rig = await startTokenRig({ timeZone, data: { organizations: [{ id: 1, name: 'Nordwind GmbH' }] } });
  try {
    const { switches, budget } = rig.company.state;
    Object.assign(switches, { failedCallsCost: true, unansweredCallsCost: true });
    const processes = [rig.addProcess(), rig.addProcess()];
    let worst: LedgerError = { own: 0, left: 0 };
    let hour = Math.floor(rig.clock.now() / (60 * MINUTE));
    // What others spend after an answer, nobody can know before the next one.
    let unseen = 0;
    let dayEndsAt = 0;
    const told = () => {
      unseen = 0;
      dayEndsAt = rig.clock.now() + budget.untilReset();
    };
    const end = rig.clock.now() + 30 * 60 * MINUTE;
    while (rig.clock.now() < end) {
      rig.clock.advance(Math.ceil(random.next() * 40 * MINUTE));
      // Where they come and go, they stay away for hours.
      const isQuiet = headers === 'sometimes' && Math.floor(rig.clock.now() / (5 * 60 * MINUTE)) % 2 === 1;
      switches.dailyHeaders = headers !== 'never' && !isQuiet;
      if (random.next() < 0.7) {
        const tokens = Math.floor(random.next() * 150);
        rig.company.spendAsOtherApp(tokens);
        unseen += tokens;
      }
      const crm = processes[random.next() < 0.5 ? 0 : 1];
      const isAnswered = crm !== undefined && (await callOne(rig, crm, random));
      if (isAnswered && switches.dailyHeaders) told();
      const now = Math.floor(rig.clock.now() / (60 * MINUTE));
      if (now === hour) continue;
      hour = now;
      if (rig.clock.now() < dayEndsAt) worst = worse(worst, await errorNow(rig, unseen, headers !== 'never'));
      if (isQuiet && rig.clock.now() < dayEndsAt) continue;
      // Whether a new day has begun is known from its first answer only.
      switches.dailyHeaders = headers !== 'never';
      await processes[0]?.getOrganization(rig.caller('order'), 1);
      if (switches.dailyHeaders) told();
      worst = worse(worst, await errorNow(rig, 0, headers !== 'never'));
    }
    return worst;
  } finally {
    await rig.close();
  }
}

/** @returns whether there was an answer of any kind */
async function callOne(rig: TokenRig, crm: Crm, random: Random): Promise<boolean> {
  const fault = random.next() < 0.2 ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined;
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

async function errorNow(rig: TokenRig, unseen: number, isTold: boolean): Promise<LedgerError> {
  const day = await rig.day();
  const { budget } = rig.company.state;
  const own = day.spent.reduce((sum, { tokens }) => sum + tokens, 0);
  const { app, all } = budget.spent();
  const left = Math.abs((day.remaining ?? 0) - unseen - budget.remaining());
  const others = Math.abs((day.othersSpent ?? 0) + unseen - (all - app));
  return {
    own: Math.abs(own - app) / Math.max(app, 100),
    left: isTold ? Math.max(left, others) / Math.max(all, 1_000) : 0,
  };
}

function worse(a: LedgerError, b: LedgerError): LedgerError {
  return { own: Math.max(a.own, b.own), left: Math.max(a.left, b.left) };
}
