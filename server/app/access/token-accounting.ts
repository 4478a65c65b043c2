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
/** How long this process goes by its own count before it asks what the others have spent. */
const RECKONED_MS = 10_000;

interface Reckoning {
  readonly readAt: number;
  /** What Pipedrive last said of the day; null: nothing, or too long ago. */
  day: { limit: number; remaining: number; at: number } | null;
  background: number;
  savedAt: number;
}

export interface TokenAccountingDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly ledger: TokenLedger;
}

/** The company's day is shared with all its other integrations; who asks decides how far we may go. */
export function createTokenAccounting(deps: TokenAccountingDeps): TokenAccounting {
  const reckonings = new Map<InstallationId, Reckoning>();

  return {
    async maySpend(id: InstallationId, purpose: TokenPurpose, tokens: number) {
      const now = deps.clock.now();
      const { day, background } = await reckon(id, now);
      // Nothing is known, or it is so old that the day may have ended: whoever asks next is told anew.
      if (!day || day.limit <= 0 || Math.abs(now.getTime() - day.at) >= PROBE_MS) return { ok: true };
      const refused = { ok: false, retryAt: after(now, PROBE_MS) } as const;
      if (purpose !== 'order' && day.remaining - tokens < KEPT_FOR_ORDERS * day.limit) return refused;
      if (purpose !== 'background') return { ok: true };
      return background + tokens <= BACKGROUND_SHARE * day.limit ? { ok: true } : refused;
    },

    async charge(id, purpose, operation, tokens) {
      const known = reckonings.get(id);
      if (known && purpose === 'background') known.background += tokens;
      await deps.unitOfWork.within(id, (tx) =>
        deps.ledger.add(tx, deps.clock.now(), { purpose, operation, tokens, calls: 1 }),
      );
    },

    async saw(id, { limit, remaining }) {
      const at = deps.clock.now();
      const known = await reckon(id, at);
      known.day = { limit, remaining, at: at.getTime() };
      if (Math.abs(at.getTime() - known.savedAt) < RECKONED_MS) return;
      known.savedAt = at.getTime();
      await deps.unitOfWork.within(id, (tx) => deps.ledger.saveDaily(tx, { limit, remaining, at }));
    },
  };

  /** What was spent and told, read from the ledger now and then, and counted on in between. */
  async function reckon(id: InstallationId, now: Date): Promise<Reckoning> {
    const known = reckonings.get(id);
    if (known && Math.abs(now.getTime() - known.readAt) < RECKONED_MS) return known;
    const read = await deps.unitOfWork.within(id, async (tx) => ({
      day: await deps.ledger.findDaily(tx),
      spent: await deps.ledger.spentSince(tx, after(now, -(now.getTime() % DAY_MS))),
    }));
    const background = read.spent
      .filter((use) => use.purpose === 'background')
      .reduce((sum, use) => sum + use.tokens, 0);
    const stored = read.day
      ? { limit: read.day.limit, remaining: read.day.remaining, at: read.day.at.getTime() }
      : null;
    const day = known?.day && known.day.at >= (stored?.at ?? 0) ? known.day : stored;
    const fresh = { readAt: now.getTime(), day, background, savedAt: known?.savedAt ?? 0 };
    reckonings.set(id, fresh);
    return fresh;
  }
}
