import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { TokenAccounting } from '../ports/crm-access.ts';
import type { TokenLedger, TokenPurpose } from '../ports/token-ledger.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

/** Background work may take this share of the company's day. */
const BACKGROUND_SHARE = 0.4;
/** What is kept for orders, whatever else is asked. */
const KEPT_FOR_ORDERS = 0.2;
const DAY_MS = 86_400_000;
const PROBE_MS = 15 * 60_000;
/** What Pipedrive said longer ago than this may be of another day. */
const BELIEVED_MS = 6 * 60 * 60_000;

/** The company's day is shared with all its other integrations; who asks decides how far we may go. */
export function createTokenAccounting(deps: {
  clock: Clock;
  unitOfWork: UnitOfWork;
  ledger: TokenLedger;
}): TokenAccounting {
  return {
    async maySpend(id: InstallationId, purpose: TokenPurpose, tokens: number) {
      const now = deps.clock.now();
      const day = await deps.unitOfWork.within(id, (tx) => deps.ledger.findDaily(tx));
      // Nothing is known, or it is too old to hold anybody up.
      if (!day || day.limit <= 0 || now.getTime() - day.at.getTime() > BELIEVED_MS) return { ok: true };
      const refused = { ok: false, retryAt: after(now, PROBE_MS) } as const;
      if (purpose !== 'order' && day.remaining - tokens < KEPT_FOR_ORDERS * day.limit) return refused;
      if (purpose !== 'background') return { ok: true };
      const spent = await deps.unitOfWork.within(id, (tx) =>
        deps.ledger.spentSince(tx, after(now, -(now.getTime() % DAY_MS))),
      );
      const background = spent.filter((use) => use.purpose === 'background').reduce((sum, use) => sum + use.tokens, 0);
      return background + tokens <= BACKGROUND_SHARE * day.limit ? { ok: true } : refused;
    },
    async charge(id, purpose, operation, tokens) {
      await deps.unitOfWork.within(id, (tx) =>
        deps.ledger.add(tx, deps.clock.now(), { purpose, operation, tokens, calls: 1 }),
      );
    },
    async saw(id, { limit, remaining }) {
      await deps.unitOfWork.within(id, (tx) => deps.ledger.saveDaily(tx, { limit, remaining, at: deps.clock.now() }));
    },
  };
}
