import { z } from 'zod';
import type { ErpPartner, Page, Stamp } from '../../app/ports/erp.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readOne, readPage } from '../lists.ts';
import { PARTNER_FIELDS, PartnerRow, toPartner } from '../mappers/partner.ts';
import { stamp } from '../mappers/values.ts';
import { anyOf, compare, count, inPieces, integer, text } from '../odata.ts';
import { type Position, type StampedWalk, stampedPage } from './stamped-walk.ts';

/** What "active today" is decided by. */
export function todayAt(company: SapCompany): string {
  return localDateIn(company.access.timeZone, company.world.clock.now());
}

export async function listPartnersByKey(
  company: SapCompany,
  afterKey: string | null,
  limit: number,
): Promise<Page<ErpPartner>> {
  const { rows, more } = await readPage(
    company,
    'BusinessPartners',
    {
      select: PARTNER_FIELDS,
      filter: afterKey === null ? undefined : compare('CardCode', 'gt', text(afterKey)),
      orderBy: ['CardCode'],
      top: limit,
    },
    PartnerRow,
  );
  return { rows: mapped(company, rows), done: !more };
}

const CHANGED: StampedWalk<'BusinessPartners', PartnerRow> = {
  set: 'BusinessPartners',
  key: 'CardCode',
  date: 'UpdateDate',
  time: 'UpdateTime',
  select: PARTNER_FIELDS,
  row: PartnerRow,
  positionOf: (row) => ({ stamp: stamp(row.UpdateDate, row.UpdateTime) ?? NEVER, key: row.CardCode }),
};
/** Only for rows that a filter on the stamp cannot have found. */
const NEVER: Stamp = { date: '0001-01-01', time: '00:00:00' };

export async function listPartnersChanged(
  company: SapCompany,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Page<ErpPartner>> {
  const { rows, more } = await stampedPage(company, CHANGED, from, after, limit);
  return { rows: mapped(company, rows), done: !more };
}

/** Those that exist, in pieces that fit into a request line. */
export async function getPartners(company: SapCompany, cardCodes: readonly string[]): Promise<readonly ErpPartner[]> {
  const found: PartnerRow[] = [];
  for (const codes of inPieces(cardCodes)) {
    const filter = anyOf<'BusinessPartners'>(
      ...codes.map((code) => compare<'BusinessPartners'>('CardCode', 'eq', text(code))),
    );
    const query = { select: PARTNER_FIELDS, filter, orderBy: ['CardCode'] as const, top: codes.length };
    found.push(...(await readPage(company, 'BusinessPartners', query, PartnerRow)).rows);
  }
  return mapped(company, found);
}

export function countPartners(company: SapCompany): Promise<number> {
  return company.read(
    () => ({ method: 'GET', target: count('BusinessPartners') }),
    (answer) => readOne(answer, z.number().int()),
  );
}

export async function newestPartnerStamp(company: SapCompany): Promise<Stamp | null> {
  const { rows } = await readPage(
    company,
    'BusinessPartners',
    { select: ['CardCode', 'UpdateDate', 'UpdateTime'], orderBy: ['UpdateDate desc', 'UpdateTime desc'], top: 1 },
    PartnerRow.pick({ UpdateDate: true, UpdateTime: true }),
  );
  return stamp(rows[0]?.UpdateDate, rows[0]?.UpdateTime);
}

const GroupRow = z.object({ Code: z.number().int(), Name: z.string().nullish() });

export async function listPartnerGroups(company: SapCompany): Promise<ReadonlyMap<number, string>> {
  const rows = await readAll<z.infer<typeof GroupRow>>((last) =>
    readPage(
      company,
      'BusinessPartnerGroups',
      {
        select: ['Code', 'Name'],
        filter: last && compare('Code', 'gt', integer(last.Code)),
        orderBy: ['Code'],
        top: PAGE_SIZE,
      },
      GroupRow,
    ),
  );
  const groups = new Map(rows.map(({ Code, Name }) => [Code, Name ?? String(Code)]));
  company.memory.set('groups', groups);
  return groups;
}

function mapped(company: SapCompany, rows: readonly PartnerRow[]): readonly ErpPartner[] {
  const today = todayAt(company);
  return rows.map((row) => toPartner(row, today));
}
