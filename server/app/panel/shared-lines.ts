import type { Clock } from '../../kernel/clock.ts';
import type { Crm, CrmCaller, CrmDeal, CrmListedLine } from '../ports/crm.ts';
import { createSharedReads } from './shared-reads.ts';

export interface SharedLines {
  /**
   * A deal's lines, 10 tokens unless somebody of the company saw them within five minutes and the deal has not changed
   * since.
   * @param deal as this person has just read it: who may see a deal may see its lines
   * @param anew by hand: what is known does not count
   */
  of(caller: CrmCaller, deal: CrmDeal, anew: boolean): Promise<readonly CrmListedLine[]>;
  forgetOld(): void;
}

export function createSharedLines({
  crm,
  clock,
}: {
  readonly crm: Pick<Crm, 'listDealLines'>;
  readonly clock: Clock;
}): SharedLines {
  const reads = createSharedReads<readonly CrmListedLine[]>(clock);
  return {
    forgetOld: reads.forgetOld,
    of(caller, deal, anew) {
      // Changes with the deal: that its lines move it too is documented nowhere, so the time is short all the same.
      const version = `${deal.updateTime} ${deal.value} ${deal.currency}`;
      return reads.read({ caller, key: String(deal.id), version, anew }, () => crm.listDealLines(caller, deal.id));
    },
  };
}
