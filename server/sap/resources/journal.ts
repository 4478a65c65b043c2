import { z } from 'zod';
import type { Page } from '../../app/ports/erp.ts';
import type { SapCompany } from '../company.ts';
import { readPage } from '../lists.ts';
import { Key, OptionalText } from '../mappers/values.ts';
import { compare, integer } from '../odata.ts';

const LineRow = z.object({ ShortName: OptionalText, AccountCode: OptionalText });
const EntryRow = z.object({ JdtNum: Key, JournalEntryLines: z.array(LineRow).nullish() });

/**
 * Partners in journal entries above `after`. A line is about a partner where its short name is not its account. Entries
 * about none give one row without a code, so that the walk goes on behind them.
 */
export async function touchedByJournal(
  company: SapCompany,
  after: number,
  limit: number,
): Promise<Page<{ docEntry: number; cardCode: string }>> {
  const { rows, more } = await readPage(
    company,
    'JournalEntries',
    {
      select: ['JdtNum', 'JournalEntryLines'],
      filter: compare('JdtNum', 'gt', integer(after)),
      orderBy: ['JdtNum'],
      top: limit,
    },
    EntryRow,
  );
  const touched = rows.flatMap(({ JdtNum, JournalEntryLines }) => {
    const codes = (JournalEntryLines ?? []).flatMap(({ ShortName, AccountCode }) =>
      ShortName && ShortName !== AccountCode ? [ShortName] : [],
    );
    return [...new Set(codes.length === 0 ? [''] : codes)].map((cardCode) => ({ docEntry: JdtNum, cardCode }));
  });
  return { rows: touched, done: !more };
}

export async function lastJournalEntry(company: SapCompany): Promise<number> {
  const query = { select: ['JdtNum'], orderBy: ['JdtNum desc'], top: 1 } as const;
  return (await readPage(company, 'JournalEntries', query, EntryRow.pick({ JdtNum: true }))).rows[0]?.JdtNum ?? 0;
}
