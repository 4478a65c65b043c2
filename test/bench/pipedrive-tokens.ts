import { simulateDay } from '../integration/pipedrive/simulated-day.ts';
import { startTokenRig } from '../integration/pipedrive/token-rig.ts';
import type { Measure } from './measure.ts';

const SEEDS = 5;
const CALLS = 300;

/** The ledger and the limits that all processes share. */
export async function measurePipedriveTokens(): Promise<readonly Measure[]> {
  return [...(await measureLedger()), await measureQuestions()];
}

/** The largest errors of some simulated days, in per cent, beside the one per cent that they may have. */
async function measureLedger(): Promise<readonly Measure[]> {
  const worst = { own: 0, left: 0 };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { worst: errors } = await simulateDay(seed);
    worst.own = Math.max(worst.own, errors.own, errors.ever);
    worst.left = Math.max(worst.left, errors.left);
  }
  const against = `one per cent, over ${SEEDS} days with other apps, failed, refused and unanswered calls`;
  return [
    { name: 'ledger error, our own spending', unit: '%', ours: worst.own * 100, floor: 1, against, bar: 'most' },
    {
      name: 'ledger error, what is left and others spent',
      unit: '%',
      ours: worst.left * 100,
      floor: 1,
      against,
      bar: 'most',
    },
  ];
}

/** How often a process has to ask the others for its turn, while it is the only busy one. */
async function measureQuestions(): Promise<Measure> {
  let asked = 0;
  const rig = await startTokenRig({
    data: { organizations: [{ id: 1, name: 'Nordwind GmbH' }] },
    onBook: () => {
      asked += 1;
    },
  });
  try {
    const crm = rig.addProcess();
    for (let call = 0; call < CALLS; call += 1) await crm.getOrganization(rig.caller('order'), 1);
    return {
      name: 'questions to the database for a turn',
      unit: 'a call',
      ours: asked / CALLS,
      floor: 1,
      against: 'one for every call',
    };
  } finally {
    await rig.close();
  }
}
