import { type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import type { RawAnswer } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const ME = '/api/v1/users/me';
const ME_COSTS = 2;
const ABSENT = '/api/v2/deals/2147483646';

const numberIn = ({ headers }: RawAnswer, name: string): number | undefined => {
  const text = headers[name];
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
};
const leftOfDay = (answer: RawAnswer) => numberIn(answer, 'x-daily-ratelimit-token-remaining');
const NO_DAY = 'Answers do not tell what is left of the day.';

/** Tokens that went between two answers, as their headers tell it. */
async function fellBetween(one: RawAnswer, next: RawAnswer): Promise<number | undefined> {
  const [before, later] = [leftOfDay(one), leftOfDay(next)];
  return before === undefined || later === undefined || later > before ? undefined : before - later;
}

/** Most that are sent to see a refusal; half the smallest window of an app at a time. */
const MOST_CALLS = 120;
const WAVE = 40;
const SETTLE_MS = 5_000;

async function burst({ raw, sleep }: Scene): Promise<Found> {
  let sent = 0;
  while (sent < MOST_CALLS) {
    const wave = await Promise.all(Array.from({ length: WAVE }, () => raw.once('GET', ABSENT)));
    sent += wave.length;
    const refused = wave.find(({ status }) => status === 429 || status === 403);
    if (refused) {
      await sleep(SETTLE_MS, AbortSignal.timeout(2 * SETTLE_MS));
      return tellRefusal(refused, sent);
    }
  }
  return notAsked(`${sent} calls at once were all answered.`);
}

function tellRefusal({ status, headers, json, text }: RawAnswer, sent: number): Found {
  const told = Object.keys(headers).filter((name) => /ratelimit|retry/.test(name));
  const body =
    json === undefined ? (text === '' ? 'empty' : 'no JSON') : `JSON with ${Object.keys(Object(json)).join(', ')}`;
  return verdict(
    [
      [status === 429, `It is answered ${status}.`],
      [told.length > 0, 'No header tells when to come back.'],
    ],
    `Among the first ${sent}; the body is ${body}; headers: ${told.map((name) => `${name}: ${headers[name]}`).join(', ')}.`,
  );
}

/** What answers tell of the limits. Source: reference 2.1 to 2.5. */
export const limitChecks: readonly Check[] = [
  {
    name: 'limits.window',
    claim: 'Answers tell the window of two seconds, what is left of it and the seconds until it begins anew.',
    async run({ raw }) {
      const answer = await raw.read(ME);
      const names = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
      const [limit, left, reset] = names.map((name) => numberIn(answer, name));
      if (limit === undefined && left === undefined && reset === undefined) return notAsked('They do not tell it.');
      return verdict(
        [
          [limit !== undefined && left !== undefined && left < limit, `Left of ${limit}: ${left}.`],
          [reset !== undefined && reset <= 2, `The reset reads ${reset}, which is no number of seconds in the window.`],
        ],
        `${limit} calls; the reset reads ${reset}.`,
      );
    },
  },
  {
    name: 'limits.day',
    claim: 'The day is told as x-daily-ratelimit-token-limit and -remaining, or not at all.',
    async run({ raw }) {
      const { headers } = await raw.read(ME);
      const daily = Object.keys(headers).filter((name) => /daily|quota|token/.test(name));
      if (daily.length === 0) return notAsked(NO_DAY);
      const unknown = daily.filter((name) => !/^x-daily-ratelimit-token-(limit|remaining)$/.test(name));
      return verdict(
        [[unknown.length < daily.length, `It is told as ${unknown.join(', ')}.`]],
        `${headers['x-daily-ratelimit-token-remaining']} of ${headers['x-daily-ratelimit-token-limit']} are left${unknown.length > 0 ? `; also ${unknown.join(', ')}` : ''}.`,
      );
    },
  },
  {
    name: 'limits.price',
    claim: 'A call takes its published price from the day, never less; other apps may take more meanwhile.',
    async run({ raw }) {
      const before = await raw.read(ME);
      const fell = await fellBetween(before, await raw.read(ME));
      if (fell === undefined) return notAsked(NO_DAY);
      return verdict(
        [[fell >= ME_COSTS, `A call of ${ME_COSTS} took ${fell}.`]],
        `A call of ${ME_COSTS} took ${fell}.`,
      );
    },
  },
  {
    name: 'limits.refused-calls',
    claim: 'A call that is refused takes its price, or nothing.',
    async run({ raw }) {
      const before = await raw.read(ME);
      const fell = await fellBetween(before, await raw.read(ABSENT));
      if (fell === undefined)
        return notAsked('The refusal, or the call before it, does not tell what is left of the day.');
      return holds(`A refused call of 1 took ${fell}.`);
    },
  },
  {
    name: 'limits.search',
    claim: 'A search tells a window of 10, or the general one.',
    async run({ raw }) {
      const general = numberIn(await raw.read(ME), 'x-ratelimit-limit');
      const search = numberIn(
        await raw.read('/api/v2/organizations/search?term=orderline&limit=1'),
        'x-ratelimit-limit',
      );
      if (general === undefined || search === undefined) return notAsked('They do not tell it.');
      return verdict(
        [[search === 10 || search === general, `A search tells a window of ${search}, others of ${general}.`]],
        `A search tells a window of ${search}, others of ${general}.`,
      );
    },
  },
  {
    name: 'limits.burst',
    claim: 'Too many calls at once are answered 429, and a header tells when to come back.',
    async run(scene) {
      return scene.options.burst ? burst(scene) : notAsked('It sends up to 120 calls at once; run again with --burst.');
    },
  },
];
