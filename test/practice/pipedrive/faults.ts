import type { PlainAnswer } from './http/plain.ts';

/** How the practice Pipedrive misbehaves on command. `commit` faults run the call first. */
export type FaultKind =
  | { kind: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'status_after_commit'; status: number; body?: unknown }
  | { kind: 'html_403' }
  | { kind: 'drop_before' }
  | { kind: 'drop_after_commit' }
  | { kind: 'rate_limit_burst' }
  | { kind: 'rate_limit_daily' }
  | { kind: 'token_revoked' }
  /** Nothing is done or answered until `release()` of the fault is called. */
  | { kind: 'slow' }
  /** Done at once, answered only when `release()` is called. */
  | { kind: 'slow_after_commit' }
  /** Done, and then any other answer than the right one; see bad-answers.ts. */
  | { kind: 'rewrite'; answer: (answer: PlainAnswer) => PlainAnswer }
  | { kind: 'truncated_json' };

export interface FaultMatch {
  method?: string;
  /** Tried on path and query as sent, e.g. /api/v2/deals/7. */
  path: RegExp;
  company?: number;
  userId?: number;
}

export interface FaultRule {
  match: FaultMatch;
  /** How often it strikes; absent = once. */
  times?: number;
  /** How many matching requests pass unharmed before. */
  after?: number;
  fault: FaultKind;
}

export interface PlacedFault {
  struck(): number;
  /** Lets held requests of a 'slow' fault go on. */
  release(): void;
  remove(): void;
}

export interface FaultRequest {
  method: string;
  path: string;
  company: number | undefined;
  userId: number | undefined;
}

export interface StruckFault {
  fault: FaultKind;
  released: Promise<void>;
}

export interface FaultBoard {
  add(rule: FaultRule): PlacedFault;
  /** The fault that strikes this request, counted as struck. */
  strike(request: FaultRequest): StruckFault | undefined;
  clear(): void;
}

export function createFaultBoard(): FaultBoard {
  let placed: { rule: FaultRule; left: number; skip: number; struck: number; gate: Gate }[] = [];
  return {
    add: (rule) => {
      const entry = { rule, left: rule.times ?? 1, skip: rule.after ?? 0, struck: 0, gate: createGate() };
      placed.push(entry);
      return {
        struck: () => entry.struck,
        release: entry.gate.open,
        remove: () => {
          placed = placed.filter((other) => other !== entry);
          entry.gate.open();
        },
      };
    },
    strike: (request) => {
      for (const entry of placed) {
        if (entry.left <= 0 || !matches(entry.rule.match, request)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        entry.struck += 1;
        return { fault: entry.rule.fault, released: entry.gate.opened };
      }
      return undefined;
    },
    clear: () => {
      for (const entry of placed) entry.gate.open();
      placed = [];
    },
  };
}

function matches(match: FaultMatch, request: FaultRequest): boolean {
  if (match.method !== undefined && match.method !== request.method) return false;
  if (match.company !== undefined && match.company !== request.company) return false;
  if (match.userId !== undefined && match.userId !== request.userId) return false;
  return match.path.test(request.path);
}

interface Gate {
  opened: Promise<void>;
  open(): void;
}

function createGate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
