import { z } from 'zod';
import type { ErpPartner, Page, Stamp } from '../../app/ports/erp.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { SapCompany } from '../company.ts';
import { behind, PAGE_SIZE, type PageQuery, type Rows, readAll, readOne, readPage } from '../lists.ts';
import { PARTNER_FIELDS, PartnerRow, toPartner } from '../mappers/partner.ts';
import { stamp } from '../mappers/values.ts';
import { anyOf, compare, count, inPieces, integer, isNull, text } from '../odata.ts';
import { changedPage, changedRecords } from './changed-records.ts';
import { readablePage } from './readable.ts';
import type { Position } from './stamped-set.ts';

/** What "active today" is decided by. */
export function todayAt(company: SapCompany): string {
  return localDateIn(company.access.timeZone, company.world.clock.now());
}

export async function listPartnersByKey(
  company: SapCompany,
  afterKey: string | null,
  limit: number,
): Promise<Page<ErpPartner>> {
  const query: PageQuery<'BusinessPartners'> = {
    select: PARTNER_FIELDS,
    filter: afterKey === null ? undefined : compare('CardCode', 'gt', text(afterKey)),
    orderBy: ['CardCode'],
    top: limit,
  };
  const page = await readPage(company, 'BusinessPartners', query, PartnerRow, undefined, 'CardCode');
  return pageOf(company, behind(page, afterKey, keyOf));
}

const CHANGED = changedRecords<'BusinessPartners', PartnerRow>(
  { set: 'BusinessPartners', key: 'CardCode', select: PARTNER_FIELDS, row: PartnerRow, keyOf: (row) => row.CardCode },
  {
    updated: { date: 'UpdateDate', time: 'UpdateTime' },
    created: { date: 'CreateDate', time: 'CreateTime' },
    unchanged: isNull('UpdateDate'),
  },
);

export async function listPartnersChanged(
  company: SapCompany,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Page<ErpPartner>> {
  return pageOf(company, await changedPage(company, CHANGED, from, after, limit));
}

/** Those that exist and can be read, in pieces that fit into a request line. */
export async function getPartners(company: SapCompany, cardCodes: readonly string[]): Promise<readonly ErpPartner[]> {
  const found: PartnerRow[] = [];
  for (const codes of inPieces(cardCodes)) {
    const filter = anyOf<'BusinessPartners'>(
      ...codes.map((code) => compare<'BusinessPartners'>('CardCode', 'eq', text(code))),
    );
    const query = { select: PARTNER_FIELDS, filter, orderBy: ['CardCode'] as const, top: codes.length };
    found.push(...(await readPage(company, 'BusinessPartners', query, PartnerRow, undefined, 'CardCode')).rows);
  }
  return pageOf(company, { rows: found, more: false, unreadable: [] }).rows;
}

export function countPartners(company: SapCompany): Promise<number> {
  return company.read(
    () => ({ method: 'GET', target: count('BusinessPartners') }),
    (answer) => readOne(answer, z.number().int()),
  );
}

const StampRow = PartnerRow.pick({ UpdateDate: true, UpdateTime: true, CreateDate: true, CreateTime: true });

/** The newest change; where nothing was ever changed, the newest creation. */
export async function newestPartnerStamp(company: SapCompany): Promise<Stamp | null> {
  const newest = async (orderBy: PageQuery<'BusinessPartners'>['orderBy']) => {
    const select = ['CardCode', 'UpdateDate', 'UpdateTime', 'CreateDate', 'CreateTime'] as const;
    return (await readPage(company, 'BusinessPartners', { select, orderBy, top: 1 }, StampRow)).rows[0];
  };
  const updated = await newest(['UpdateDate desc', 'UpdateTime desc']);
  const found = stamp(updated?.UpdateDate, updated?.UpdateTime);
  if (found || !updated) return found;
  const created = await newest(['CreateDate desc', 'CreateTime desc']);
  return stamp(created?.CreateDate, created?.CreateTime);
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

const keyOf = ({ CardCode }: PartnerRow): string => CardCode;

function pageOf(company: SapCompany, rows: Rows<PartnerRow>): Page<ErpPartner> {
  const today = todayAt(company);
  return readablePage(rows, keyOf, (row) => toPartner(row, today));
}
