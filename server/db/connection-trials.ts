import type { ConnectionTrials } from '../app/ports/connection-trials.ts';
import { after } from '../kernel/clock.ts';
import type { ConnectionTrialRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const MOST = 10;
const WITHIN_MS = 60 * 60_000;

export const connectionTrials: ConnectionTrials = {
  async book(tx, now) {
    const own = { installation_id: tx.installationId };
    // Two processes at once: the second waits here and counts the first.
    await queriesOf(tx)('installations').where(own).forUpdate().select('installation_id');
    const trials = () => queriesOf(tx)<ConnectionTrialRow>('connection_trials').where(own);
    await trials().where('at', '<=', after(now, -WITHIN_MS)).delete();
    const recent = await trials().orderBy('at', 'desc').limit(MOST).select('at');
    const earliest = recent[MOST - 1];
    if (earliest) return after(earliest.at, WITHIN_MS);
    await queriesOf(tx)('connection_trials').insert({ ...own, at: now });
    return undefined;
  },
};
