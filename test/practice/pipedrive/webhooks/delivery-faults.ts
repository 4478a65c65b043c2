/** What may happen to a delivery on its way. */
export type DeliveryFault =
  | { kind: 'lose' }
  /** Sent twice, as retries and Pipedrive itself sometimes do. */
  | { kind: 'double' }
  /** Held until the clock has moved by that much, or until flush. */
  | { kind: 'delay'; ms: number }
  /** Held until another delivery of the same company has been sent. */
  | { kind: 'reorder' }
  /** Other bytes than those of the event. */
  | { kind: 'body'; body: string }
  | { kind: 'wrong_credentials' }
  /** For as long as it is on the board no attempt of any delivery arrives; null = no answer. */
  | { kind: 'outage'; status: number | null };

type Outage = Extract<DeliveryFault, { kind: 'outage' }>;

export interface DeliveryFaultRule {
  match?: { company?: number; object?: string; action?: string };
  /** How often it strikes; absent = once. */
  times?: number;
  fault: DeliveryFault;
}

export interface DeliveryFaultBoard {
  add(rule: DeliveryFaultRule): void;
  strike(delivery: { company: number; object: string; action: string }): Exclude<DeliveryFault, Outage> | undefined;
  outageOf(delivery: { company: number; object: string; action: string }): Outage | undefined;
  clear(): void;
}

export function createDeliveryFaultBoard(): DeliveryFaultBoard {
  let placed: { rule: DeliveryFaultRule; left: number }[] = [];
  return {
    add: (rule) => {
      placed.push({ rule, left: rule.times ?? 1 });
    },
    strike: (delivery) => {
      for (const one of placed) {
        const { fault } = one.rule;
        if (fault.kind === 'outage' || one.left <= 0 || !fits(one.rule, delivery)) continue;
        one.left -= 1;
        return fault;
      }
      return undefined;
    },
    outageOf: (delivery) => {
      for (const { rule } of placed) if (rule.fault.kind === 'outage' && fits(rule, delivery)) return rule.fault;
      return undefined;
    },
    clear: () => {
      placed = [];
    },
  };
}

function fits(
  { match = {} }: DeliveryFaultRule,
  delivery: { company: number; object: string; action: string },
): boolean {
  if (match.company !== undefined && match.company !== delivery.company) return false;
  if (match.object !== undefined && match.object !== delivery.object) return false;
  return match.action === undefined || match.action === delivery.action;
}
