import type { TokensView } from '../../../server/contract/tokens.ts';
import { formatCount, percentWords } from '../../shared/format/figures.ts';
import { formatTime } from '../../shared/format/times.ts';
import type { Part } from '../../shared/ui/bars.tsx';

type Class = TokensView['classes'][number]['name'];

/** Names and colours of what is shown beside each other. */
export const CLASSES = {
  people: { words: 'People and orders', series: 'done' },
  status: { words: 'Order status and upkeep', series: 'balance' },
  sync: { words: 'Changes', series: 'orders' },
  first_load: { words: 'First loads and comparisons', series: 'deal' },
  others: { words: 'Other apps', series: 'fresh' },
} as const satisfies Record<Class, { words: string; series: Part['series'] }>;

const STREAMS: Readonly<Record<NonNullable<TokensView['heaviest']>['name'], { words: string; use: 'use' | 'uses' }>> = {
  people: { words: 'orders and what people look at', use: 'use' },
  status: { words: 'order status and upkeep of the link', use: 'use' },
  prices: { words: 'items and prices from SAP', use: 'use' },
  customers: { words: 'customers and contacts from SAP', use: 'use' },
  changes: { words: 'reading what changed in Pipedrive', use: 'uses' },
  first_load: { words: 'first loads and full comparisons', use: 'use' },
  others: { words: 'other apps', use: 'use' },
};

/** One sentence on where the day ends up, in the reader's own time; null where too little is known. */
export function outlook(tokens: TokensView, now: number, timeZone?: string): string | null {
  const timeOf = (instant: string) => formatTime(instant, timeZone);
  const most = heaviest(tokens);
  const end = most === null ? '.' : `; ${most}.`;
  const { shut, forecast, remaining } = tokens;
  if (shut && Date.parse(shut.until) > now) {
    const asked = `Pipedrive is asked again at ${timeOf(shut.until)}`;
    if (shut.reason === 'guard') return `Pipedrive’s own protection keeps this app out. ${asked}.`;
    if (shut.reason === 'account') return `Your Pipedrive account is not open. ${asked}.`;
    return `The budget is used up. ${asked}${end}`;
  }
  if (remaining === 0) return `The budget is used up${end}`;
  if (forecast === null) return mostOf(tokens);
  const { endsAt, ordersOnlyFrom } = forecast;
  if (endsAt !== null) {
    if (Date.parse(endsAt) <= now) return `The budget is used up${end}`;
    return `At this pace the budget ends at ${timeOf(endsAt)}${end}`;
  }
  if (ordersOnlyFrom === null) return `At this pace the budget lasts the day${end}`;
  if (Date.parse(ordersOnlyFrom) <= now) return `What is left is kept for orders${end}`;
  return `At this pace only orders go through from ${timeOf(ordersOnlyFrom)} on${end}`;
}

function heaviest({ heaviest: most }: TokensView): string | null {
  if (most === null || most.percent < 1) return null;
  const { words, use } = STREAMS[most.name];
  return `${words} ${use} ${most.percent} %`;
}

/** By itself; beside the part of the budget, so that nobody takes the one for the other. */
function mostOf({ heaviest: most }: TokensView): string | null {
  return most === null || most.percent < 1 ? null : `${most.percent} % of this went to ${STREAMS[most.name].words}.`;
}

/** The first line: the figure that stands out, and what it is of. */
export function headline({ dailyLimit, remaining, spentToday, forecast }: TokensView) {
  if (dailyLimit === null) {
    return { figure: formatCount(spentToday), rest: `${spentToday === 1 ? 'token' : 'tokens'} used by this app` };
  }
  const used = remaining === null ? spentToday : dailyLimit - remaining;
  const end = forecast === null || forecast.endsAt !== null ? '' : `, ends at about ${forecast.usedInTheEnd} %`;
  return {
    figure: capital(percentWords(used, dailyLimit)),
    rest: `of ${formatCount(dailyLimit)} tokens used${end}`,
  };
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** In the corner of the heading. */
export function startsAnew({ startsAnewAt, startIsKnown }: TokensView, timeZone?: string): string {
  const time = formatTime(startsAnewAt, timeZone);
  return startIsKnown ? `starts anew at ${time}` : `starts anew at about ${time}`;
}

const SOURCES: Readonly<Record<TokensView['source'], string | null>> = {
  told: null,
  stated: 'The limit follows from plan and seats as an admin gave them.',
  learnt: 'The limit is judged by the plan and the users that Pipedrive shows; people and orders do not wait for it.',
  unknown: 'Pipedrive has not told the company’s limit yet.',
};

/** What is a guess here: null where Pipedrive itself has told all of it. */
export function sourceNote({ source, othersKnown, dailyLimit, startIsKnown }: TokensView): string | null {
  const others = othersKnown || dailyLimit === null ? null : 'What other apps use is not known.';
  const start = startIsKnown ? null : 'Pipedrive has not shown yet when its day begins.';
  const parts = [SOURCES[source], others, start].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}
