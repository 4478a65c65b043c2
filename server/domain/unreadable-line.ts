import type { Problem } from '../kernel/errors.ts';

/** An amount that cannot be carried exactly, as it came. */
export interface UnreadableAmount {
  readonly what: 'price' | 'quantity' | 'discount' | 'tax' | 'total';
  readonly text: string;
  /** A number, of more than 15 digits. False: no number. */
  readonly tooLong: boolean;
}

/** A line of a deal that cannot be read. It is shown by its name; nothing is counted of it, and it is never sent. */
export interface UnreadableLine {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  /** Empty: something else of it than its amounts. */
  readonly unreadable: readonly UnreadableAmount[];
}

/** What is wrong with it and what to do, for whoever sells. */
export function unreadableProblem({ id, name, unreadable }: UnreadableLine): Problem {
  const [amount] = unreadable;
  const message = amount ? `“${name}”: ${wordsOf(amount)}` : `“${name}” cannot be read. ${ADD_ANEW}`;
  return { code: 'line_unreadable', message, at: `line:${id}` };
}

const ADD_ANEW = 'Remove it from the deal and add the product again.';

function wordsOf({ what, text, tooLong }: UnreadableAmount): string {
  if (what === 'total') return `the total ${text} cannot be read. Correct its price and quantity in the deal.`;
  return tooLong
    ? `the ${what} ${text} has too many digits. Round it in the deal.`
    : `the ${what} “${text}” is no number. Enter it again in the deal.`;
}
