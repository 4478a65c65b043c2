import type { SettingsView } from '../../../server/contract/settings.ts';
import { countOf, formatCount, wholePercent } from '../../shared/format/figures.ts';

/** What the first load brings, and what it takes of the company's Pipedrive tokens for the day. */
export function costSentence(quote: SettingsView['firstLoad']['quote'], dailyLimit: number | null): string | null {
  if (quote === null) return null;
  const brings = `The first load brings ${countOf(quote.partners, 'customer', 'customers')} and ${countOf(quote.items, 'item', 'items')}.`;
  const takes = `It takes about ${countOf(quote.tokens, 'Pipedrive token', 'Pipedrive tokens')}`;
  if (dailyLimit === null || dailyLimit <= 0) return `${brings} ${takes}.`;
  if (quote.tokens > dailyLimit) {
    return `${brings} ${takes}, more than the ${formatCount(dailyLimit)} your company has in a day, so it goes on over several days.`;
  }
  const percent = wholePercent(quote.tokens, dailyLimit);
  const share = percent < 1 ? 'less than 1 %' : `${percent} %`;
  return `${brings} ${takes}, ${share} of the ${formatCount(dailyLimit)} your company has in a day.`;
}
