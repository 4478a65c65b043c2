import { createRandom, type SeededRandom } from '../../practice/kernel/random.ts';
import type { FaultKind, FaultRule } from '../../practice/pipedrive/faults.ts';
import type { DeliveryFault } from '../../practice/pipedrive/webhooks/delivery-faults.ts';
import type { SapFault } from '../../practice/sap/faults.ts';
import type { StopPoint } from './stoppable-database.ts';

export interface ScenarioLine {
  /** Place in the list of products, taken round. */
  readonly product: number;
  readonly price: number;
  readonly quantity: number;
  readonly discountPercent: number;
}

/** What makes the deal go to SAP, or touches it on its way. */
export type Trigger =
  | { readonly kind: 'win'; readonly webhook: DeliveryFault | null }
  | { readonly kind: 'send'; readonly times: 1 | 2 }
  /** Other quantities on the deal: what is on its way stays as it was frozen. */
  | { readonly kind: 'edit' };

export type CrmFault = Pick<FaultRule, 'times' | 'after' | 'fault'> & {
  readonly method: string;
  readonly path: RegExp;
};

/** One drawn life of one deal. The same seed draws the same. */
export interface Scenario {
  readonly seed: number;
  readonly customer: number;
  readonly lines: readonly ScenarioLine[];
  readonly triggers: readonly Trigger[];
  /** Whether jobs run between two triggers. */
  readonly runBetween: boolean;
  readonly sapFaults: readonly SapFault[];
  readonly crmFaults: readonly CrmFault[];
  readonly stop: StopPoint | null;
  /** For a stalled process: how long. */
  readonly stallMs: number;
  /** SAP keeps a draft until somebody approves. */
  readonly approval: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed * 2_654_435_761);
  const stop = random.chance(0.5) ? drawStop(random) : null;
  const faults = random.int(stop ? 1 : 2, 4);
  const ofSap = random.int(0, faults);
  return {
    seed,
    customer: random.int(0, 99),
    lines: Array.from({ length: random.int(1, 4) }, () => drawLine(random)),
    triggers: drawTriggers(random),
    runBetween: random.chance(0.4),
    sapFaults: Array.from({ length: ofSap }, () => drawSapFault(random)),
    crmFaults: withOneRevocation(Array.from({ length: faults - ofSap }, () => drawCrmFault(random))),
    stop,
    stallMs: random.pick([20 * SECOND, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE, 6 * MINUTE, 10 * MINUTE]),
    approval: random.chance(0.08),
  };
}

function drawLine(random: SeededRandom): ScenarioLine {
  return {
    product: random.int(0, 99),
    price: random.int(1, 500_000) / 100,
    quantity: random.pick([1, 2, 3, 0.5, 12, 250]),
    discountPercent: random.pick([0, 0, 5, 12.5, 33.33]),
  };
}

function drawTriggers(random: SeededRandom): Trigger[] {
  const win: Trigger = { kind: 'win', webhook: random.chance(0.5) ? drawDelivery(random) : null };
  const send: Trigger = { kind: 'send', times: random.chance(0.3) ? 2 : 1 };
  return random.pick<Trigger[]>([
    [win],
    [win],
    [send],
    [send, win],
    [win, send],
    [win, { kind: 'edit' }],
    [send, { kind: 'edit' }, win],
    [win, send, { kind: 'edit' }],
  ]);
}

function drawDelivery(random: SeededRandom): DeliveryFault {
  return random.pick<DeliveryFault>([
    { kind: 'double' },
    { kind: 'double' },
    { kind: 'lose' },
    { kind: 'delay', ms: random.pick([5 * SECOND, 90 * SECOND]) },
    { kind: 'reorder' },
  ]);
}

/** A worker's transactions for one deal, without faults: before it claims, from the claim to the result, and after. */
const CONSIDERING = 15;
const HANDING_OFF = 8;
const WRITING_BACK = 11;

/** Half of all stops are where most depends on them. */
function drawStop(random: SeededRandom): StopPoint {
  const where = random.pick<Pick<StopPoint, 'from' | 'transaction'>>([
    { from: 'claim', transaction: random.int(1, HANDING_OFF) },
    { from: 'claim', transaction: random.int(1, HANDING_OFF) },
    { from: 'claim', transaction: HANDING_OFF + random.int(1, WRITING_BACK) },
    { from: 'start', transaction: random.int(1, CONSIDERING) },
  ]);
  return {
    ...where,
    how: random.chance(0.5) ? 'killed' : 'stalled',
    moment: random.chance(0.5) ? 'before_commit' : 'after_commit',
  };
}

const POSTING = { method: 'POST', path: /^Orders$/ } as const;
const READING = [/^Orders\?/, /^Drafts\?/, /^Items\?/, /^BusinessPartners\?/];

function drawSapFault(random: SeededRandom): SapFault {
  if (random.chance(0.65)) return { ...POSTING, ...drawPostFault(random), skip: random.chance(0.1) ? 1 : 0 };
  const kind = random.pick(['drop_before', 'html_502_before', 'session_lost', 'switch_company_305'] as const);
  if (random.chance(0.1))
    return { method: 'POST', path: /^Login/, kind: random.pick(['drop_before', 'html_502_before']) };
  return { method: 'GET', path: random.pick(READING), kind, skip: random.int(0, 2), times: random.pick([1, 1, 3]) };
}

function drawPostFault(random: SeededRandom): SapFault {
  if (random.chance(0.3)) {
    const delayMs = random.pick([1, 5, 15, 30, 60, 119, 120]) * SECOND;
    return { kind: 'late_commit', delayMs };
  }
  if (random.chance(0.08)) return { kind: 'reject', code: -10, message: 'The posting period is locked.' };
  return {
    kind: random.pick([
      'drop_after_commit',
      'drop_after_commit',
      'drop_before',
      'html_502_after_commit',
      'html_502_before',
      'empty_500_after_commit',
      'session_lost',
      'switch_company_305',
    ]),
  };
}

const NOTES = { method: 'POST', path: /\/notes/ } as const;
const FIELDS = { method: 'PATCH', path: /\/deals\/\d+/ } as const;

function drawCrmFault(random: SeededRandom): CrmFault {
  const where = random.pick([
    NOTES,
    NOTES,
    FIELDS,
    FIELDS,
    { method: 'GET', path: /\/deals\/\d+(\?|$)/ },
    { method: 'GET', path: /\/deals\/\d+\/products/ },
    { method: 'GET', path: /\/notes/ },
  ]);
  const writing = where.method !== 'GET';
  const fault = random.pick<FaultKind>([
    { kind: writing ? 'drop_after_commit' : 'drop_before' },
    writing ? { kind: 'status_after_commit', status: 502 } : { kind: 'status', status: 503 },
    { kind: 'drop_before' },
    { kind: 'truncated_json' },
    { kind: 'status', status: 500 },
    { kind: 'rate_limit_burst' },
    { kind: 'rate_limit_daily' },
    { kind: 'token_revoked' },
  ]);
  return { ...where, fault, times: random.pick([1, 1, 2, 4]), after: random.chance(0.2) ? 1 : 0 };
}

/** A token that is refused right after it was renewed means that the user has removed the app, which is another story. */
function withOneRevocation(faults: readonly CrmFault[]): CrmFault[] {
  const first = faults.find(({ fault }) => fault.kind === 'token_revoked');
  return faults.map((each) => {
    if (each.fault.kind !== 'token_revoked') return each;
    return each === first ? { ...each, times: 1 } : { ...each, fault: { kind: 'rate_limit_burst' } };
  });
}

/** In one line, for whoever has to find out what happened. */
export function describeScenario(scenario: Scenario): string {
  return JSON.stringify(scenario, (_name, value) => (value instanceof RegExp ? String(value) : value));
}
