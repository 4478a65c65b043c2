import type { SettingsView } from '../../../server/contract/settings.ts';
import { countOf, formatCount, percentWords } from '../../shared/format/figures.ts';

type Tokens = Pick<SettingsView['tokens'], 'dailyLimit' | 'firstLoadPerDay'>;

/** What the first load brings, and what it takes of the company's Pipedrive tokens for the day. */
export function costSentence(
  quote: SettingsView['firstLoad']['quote'],
  { dailyLimit, firstLoadPerDay }: Tokens,
): string | null {
  if (quote === null) return null;
  const brings = `The first load brings ${countOf(quote.partners, 'customer', 'customers')} and ${countOf(quote.items, 'item', 'items')}.`;
  const takes = `It takes about ${countOf(quote.tokens, 'Pipedrive token', 'Pipedrive tokens')}`;
  if (dailyLimit === null || dailyLimit <= 0) return `${brings} ${takes}.`;
  const days = firstLoadPerDay ? Math.ceil(quote.tokens / firstLoadPerDay) : 1;
  const lasts = days > 1 ? ` So that others have their part, it goes on over ${formatCount(days)} days.` : '';
  if (quote.tokens > dailyLimit) {
    return `${brings} ${takes}, more than the ${formatCount(dailyLimit)} your company has in a day.${lasts}`;
  }
  const share = percentWords(quote.tokens, dailyLimit);
  return `${brings} ${takes}, ${share} of the ${formatCount(dailyLimit)} your company has in a day.${lasts}`;
}
