import type { UnreadableLine } from '../domain/unreadable-line.ts';
import type { CrmDealLine, CrmListedLine } from './ports/crm.ts';

/** A deal's lines in their order, those that cannot be read apart. */
export interface PartedLines {
  readonly lines: readonly CrmDealLine[];
  readonly unreadable: readonly UnreadableLine[];
}

export function partLines(listed: readonly CrmListedLine[]): PartedLines {
  const lines: CrmDealLine[] = [];
  const unreadable: UnreadableLine[] = [];
  for (const line of listed) {
    if ('unreadable' in line) unreadable.push(line);
    else lines.push(line);
  }
  return { lines, unreadable };
}
