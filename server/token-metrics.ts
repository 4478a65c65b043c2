import { Counter, type Registry } from 'prom-client';
import type { TokenAccounting } from './app/ports/crm-access.ts';

/** As `accounting`, and what is booked is counted for whoever operates the app: by class, never by company. */
export function countingTokens(accounting: TokenAccounting, registry: Registry): TokenAccounting {
  const tokens = new Counter({
    name: 'orderline_pipedrive_tokens_total',
    help: 'Tokens booked for calls to Pipedrive',
    labelNames: ['purpose'],
    registers: [registry],
  });
  const calls = new Counter({
    name: 'orderline_pipedrive_calls_total',
    help: 'Calls sent to Pipedrive',
    labelNames: ['purpose'],
    registers: [registry],
  });
  return {
    ...accounting,
    async charge(id, purpose, operation, cost) {
      // Counters only grow; what is given back is little.
      if (cost > 0) {
        tokens.inc({ purpose }, cost);
        calls.inc({ purpose });
      }
      await accounting.charge(id, purpose, operation, cost);
    },
  };
}
