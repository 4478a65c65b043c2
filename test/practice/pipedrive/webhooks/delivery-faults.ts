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
  | { kind: 'wrong_credentials' };

export interface DeliveryFaultRule {
  match?: { company?: number; object?: string; action?: string };
  /** How often it strikes; absent = once. */
  times?: number;
  fault: DeliveryFault;
}

export interface DeliveryFaultBoard {
  add(rule: DeliveryFaultRule): void;
  strike(delivery: { company: number; object: string; action: string }): DeliveryFault | undefined;
  clear(): void;
}

export function createDeliveryFaultBoard(): DeliveryFaultBoard {
  let placed: { rule: DeliveryFaultRule; left: number }[] = [];
  return {
    add: (rule) => {
      placed.push({ rule, left: rule.times ?? 1 });
    },
    strike: (delivery) => {
      const found = placed.find(({ rule: { match = {} }, left }) => {
        if (left <= 0) return false;
        if (match.company !== undefined && match.company !== delivery.company) return false;
        if (match.object !== undefined && match.object !== delivery.object) return false;
        return match.action === undefined || match.action === delivery.action;
      });
      if (!found) return undefined;
      found.left -= 1;
      return found.rule.fault;
    },
    clear: () => {
      placed = [];
    },
  };
}
