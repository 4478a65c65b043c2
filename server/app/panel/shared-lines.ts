import { after, type Clock } from '../../kernel/clock.ts';
import type { Crm, CrmCaller, CrmDeal, CrmDealLine } from '../ports/crm.ts';

export interface SharedLines {
  /**
   * A deal's lines, 10 tokens unless somebody of the company saw them within five minutes and the deal has not changed
   * since.
   * @param deal as this person has just read it: who may see a deal may see its lines
   */
  of(caller: CrmCaller, deal: CrmDeal): Promise<readonly CrmDealLine[]>;
}

const KEPT_MS = 5 * 60_000;
const MOST = 2_000;

interface Kept {
  readonly lines: readonly CrmDealLine[];
  readonly until: Date;
  /** Changes with the deal: that its lines move it too is documented nowhere, so the time is short all the same. */
  readonly version: string;
}

export function createSharedLines({
  crm,
  clock,
}: {
  readonly crm: Pick<Crm, 'listDealLines'>;
  readonly clock: Clock;
}): SharedLines {
  const kept = new Map<string, Kept>();
  return {
    async of(caller, deal) {
      const key = `${caller.installationId}:${deal.id}`;
      const version = `${deal.updateTime} ${deal.value} ${deal.currency}`;
      const known = kept.get(key);
      if (known?.version === version && known.until > clock.now()) return known.lines;
      const askedAt = clock.now();
      const lines = await crm.listDealLines(caller, deal.id);
      kept.delete(key);
      if (kept.size >= MOST) kept.clear();
      kept.set(key, { lines, version, until: after(askedAt, KEPT_MS) });
      return lines;
    },
  };
}
