import { z } from 'zod';
import { AppError, RejectedError } from '../../kernel/errors.ts';
import type { BatchPart } from '../batch.ts';
import type { PartOutcome } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import { listPart, PAGE_SIZE, readAll, readPage, readRows } from '../lists.ts';
import { isYes, OptionalText, YesNo } from '../mappers/values.ts';
import type { ConnectionMemory } from '../memory.ts';
import { compare, type EntitySet, integer, text } from '../odata.ts';
import type { WholeList } from './whole-list.ts';

type ListName = 'groups' | 'priceLists' | 'paymentTerms' | 'warehouses';

/** A short list of names, read beside something else while it is not remembered. */
export interface NameList {
  readonly part: (company: SapCompany) => BatchPart | undefined;
  /** Names are a nicety: where SAP refuses a list, what they belong to is shown without, and it is not asked again soon. */
  readonly keep: (company: SapCompany, outcome: PartOutcome | undefined) => Promise<void>;
}

type Source<S extends EntitySet, Row> = Omit<WholeList<S, Row, never>, 'map' | 'only'> & {
  readonly name: ListName;
  readonly remember: (memory: ConnectionMemory, rows: readonly Row[]) => void;
};

function nameList<S extends EntitySet, Row>(source: Source<S, Row>): NameList {
  const { name, set, select, key, row, behind, remember } = source;
  const query = { select, orderBy: [key], top: PAGE_SIZE } as const;
  return {
    part: (company) => (company.memory.get(name) ? undefined : listPart<S>(company, set, query)),
    async keep(company, outcome) {
      if (outcome === undefined) return;
      if (outcome instanceof Error) {
        if (outcome instanceof RejectedError) company.memory.set(name, new Map<never, string>());
        return;
      }
      try {
        const first = readRows(outcome, row, PAGE_SIZE);
        const rows = await readAll<Row>((last) =>
          last ? readPage(company, set, { ...query, filter: behind(last) }, row) : Promise.resolve(first),
        );
        remember(company.memory, rows);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    },
  };
}

const GroupRow = z.object({ Code: z.number().int(), Name: OptionalText });
const GROUPS = nameList<'BusinessPartnerGroups', z.infer<typeof GroupRow>>({
  name: 'groups',
  set: 'BusinessPartnerGroups',
  select: GroupRow.keyof().options,
  key: 'Code',
  row: GroupRow,
  behind: (row) => compare('Code', 'gt', integer(row.Code)),
  remember: (memory, rows) => memory.set('groups', new Map(rows.map(({ Code, Name }) => [Code, Name ?? String(Code)]))),
});

const ListRow = z.object({ PriceListNo: z.number().int(), PriceListName: OptionalText, IsGrossPrice: YesNo });
const PRICE_LISTS = nameList<'PriceLists', z.infer<typeof ListRow>>({
  name: 'priceLists',
  set: 'PriceLists',
  select: ListRow.keyof().options,
  key: 'PriceListNo',
  row: ListRow,
  behind: (row) => compare('PriceListNo', 'gt', integer(row.PriceListNo)),
  remember(memory, rows) {
    memory.set(
      'priceLists',
      new Map(rows.map((row) => [row.PriceListNo, row.PriceListName ?? String(row.PriceListNo)])),
    );
    const gross = rows.filter(({ IsGrossPrice }) => isYes(IsGrossPrice));
    memory.set('grossPriceLists', new Set(gross.map(({ PriceListNo }) => PriceListNo)));
  },
});

const TermsRow = z.object({ GroupNumber: z.number().int(), PaymentTermsGroupName: OptionalText });
const PAYMENT_TERMS = nameList<'PaymentTermsTypes', z.infer<typeof TermsRow>>({
  name: 'paymentTerms',
  set: 'PaymentTermsTypes',
  select: TermsRow.keyof().options,
  key: 'GroupNumber',
  row: TermsRow,
  behind: (row) => compare('GroupNumber', 'gt', integer(row.GroupNumber)),
  remember: (memory, rows) =>
    memory.set(
      'paymentTerms',
      new Map(rows.map((row) => [row.GroupNumber, row.PaymentTermsGroupName ?? String(row.GroupNumber)])),
    ),
});

/** The price lists first: they decide how prices are to be read. */
export const CUSTOMER_NAMES: readonly NameList[] = [PRICE_LISTS, GROUPS, PAYMENT_TERMS];

const WarehouseRow = z.object({
  WarehouseCode: z.string(),
  WarehouseName: OptionalText,
  Inactive: YesNo,
  DropShip: YesNo,
});
export const WAREHOUSE_NAMES = nameList<'Warehouses', z.infer<typeof WarehouseRow>>({
  name: 'warehouses',
  set: 'Warehouses',
  select: WarehouseRow.keyof().options,
  key: 'WarehouseCode',
  row: WarehouseRow,
  behind: (row) => compare('WarehouseCode', 'gt', text(row.WarehouseCode)),
  remember(memory, rows) {
    memory.set('warehouses', new Map(rows.map((row) => [row.WarehouseCode, row.WarehouseName ?? row.WarehouseCode])));
    const closed = rows.filter(({ Inactive, DropShip }) => isYes(Inactive) || isYes(DropShip));
    memory.set('closedWarehouses', new Set(closed.map(({ WarehouseCode }) => WarehouseCode)));
  },
});
