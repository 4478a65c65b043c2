import type { LineView } from '../../../server/contract/panel.ts';
import { formatQuantity } from '../../shared/format/figures.ts';
import type { Tone } from '../../shared/ui/notice.tsx';

interface Words {
  readonly tone: Tone;
  readonly words: string;
}

/** A difference this large is more likely a slip of the keyboard than a discount. */
const SLIP_PERCENT = 50;

/** How the deal's price compares to SAP's; null where they are the same or cannot be compared. */
export function comparisonOf({ comparison, differencePercent }: LineView): Words | null {
  if (comparison === null || comparison === 'same') return null;
  const percent = differencePercent === null ? 0 : Math.abs(differencePercent);
  const tone = percent >= SLIP_PERCENT ? 'bad' : comparison === 'lower' ? 'warning' : 'plain';
  const side = comparison === 'lower' ? 'below SAP' : 'above SAP';
  if (percent >= 1) return { tone, words: `${percent} % ${side}` };
  return { tone, words: comparison === 'lower' ? 'Just below SAP' : 'Just above SAP' };
}

/** Whether the line can ship; null for a line that is not sent or has no item to look up. */
export function availabilityOf({ availability, available, quantity, enabled, itemCode }: LineView): Words | null {
  if (!enabled) return null;
  if (itemCode === null) return { tone: 'bad', words: 'No SAP item' };
  switch (availability) {
    case 'in_stock':
      return { tone: 'good', words: 'In stock' };
    case 'part':
      return {
        tone: 'warning',
        words:
          available === null ? 'Part in stock' : `${formatQuantity(available)} of ${formatQuantity(quantity)} in stock`,
      };
    case 'none':
      return { tone: 'bad', words: 'Not in stock' };
    case 'unknown':
      return { tone: 'plain', words: 'Stock not known' };
  }
}
