import type { InstallationId } from '../../kernel/ids.ts';
import { organizationFieldsShown } from '../crm-views.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { Compared } from '../ports/crm-comparisons.ts';
import type { CrmFieldCodes } from '../ports/crm-field-store.ts';
import type { CrmList } from '../ports/crm-readings.ts';
import type { LinkKind } from '../ports/link-store.ts';
import type { ApplyChanges, GoneRecord } from './apply-changes.ts';
import { type DefectiveRecord, sparing } from './sparing.ts';

/** What the comparison looks at of a record, whatever its kind. */
export interface ComparedRow {
  readonly id: number;
  readonly isDeleted: boolean;
  /** The SAP key that it carries; null: none, or its kind has no place for one. */
  readonly sapKey: string | null;
}

export interface ComparedRows {
  readonly rows: readonly ComparedRow[];
  /** Treats them as what was just read; one that shows what we wrote changes nothing, one with a defect is set aside. */
  apply(wanted: (row: ComparedRow) => boolean): Promise<void>;
}

/** One kind of records as the comparison reads it. */
export interface ComparedKind {
  readonly linkKind: LinkKind;
  /** The list of changes that a full reading stands in for. */
  readonly list: CrmList;
  /** All there are, 500 a page. */
  pages(): AsyncIterable<ComparedRows>;
  byIds(ids: readonly number[]): Promise<ComparedRows>;
  /** One record, or the one that it was merged into. @throws {NotFoundError} */
  one(id: number): Promise<ComparedRows>;
  /** Lets go of what was shown to be no longer there; one with a defect is set aside. */
  letGo(gone: readonly GoneRecord[]): Promise<void>;
  /** The records that were set aside since this was asked last. */
  takeDefects(): readonly DefectiveRecord[];
}

/** What is asked of Pipedrive here. */
export type ComparedCrm = Pick<
  Crm,
  | 'listOrganizations'
  | 'listOrganizationsByIds'
  | 'getOrganization'
  | 'listPersons'
  | 'listPersonsByIds'
  | 'getPerson'
  | 'listProducts'
  | 'listProductsByIds'
  | 'getProduct'
>;

export interface ComparedDeps {
  readonly id: InstallationId;
  readonly signal: AbortSignal;
  readonly crm: ComparedCrm;
  readonly applyChanges: ApplyChanges;
  readonly fields: CrmFieldCodes;
}

export function comparedKind(deps: ComparedDeps, kind: Compared): ComparedKind {
  const { id, signal, crm, applyChanges, fields } = deps;
  const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'backfill', signal };
  const letGo = (gone: readonly GoneRecord[]) => applyChanges.applyGone(id, kind, gone, signal);
  switch (kind) {
    case 'organization': {
      const customFields = organizationFieldsShown(fields);
      const code = fields['organization.sap_code'];
      return kindOf({
        linkKind: 'partner',
        list: 'organizations',
        pages: () => crm.listOrganizations(caller, { customFields }),
        byIds: (ids) => crm.listOrganizationsByIds(caller, ids, customFields),
        one: (one) => crm.getOrganization(caller, one),
        sapKeyOf: ({ customFields: values }) => textOf(code === undefined ? undefined : values[code]),
        apply: (records) => applyChanges.applyRead(id, { entity: 'organization', records }, signal),
        letGo,
        signal,
      });
    }
    case 'person':
      return kindOf({
        linkKind: 'contact',
        list: 'persons',
        pages: () => crm.listPersons(caller, {}),
        byIds: (ids) => crm.listPersonsByIds(caller, ids),
        one: (one) => crm.getPerson(caller, one),
        sapKeyOf: () => null,
        apply: (records) => applyChanges.applyRead(id, { entity: 'person', records }, signal),
        letGo,
        signal,
      });
    case 'product':
      return kindOf({
        linkKind: 'item',
        list: 'products',
        pages: () => crm.listProducts(caller, {}),
        byIds: (ids) => crm.listProductsByIds(caller, ids),
        one: (one) => crm.getProduct(caller, one),
        sapKeyOf: ({ code }) => textOf(code),
        apply: (records) => applyChanges.applyRead(id, { entity: 'product', records }, signal),
        letGo,
        signal,
      });
    default:
      return kind satisfies never;
  }
}

interface KindParts<Row> {
  readonly linkKind: LinkKind;
  readonly list: CrmList;
  readonly pages: () => AsyncIterable<readonly Row[]>;
  readonly byIds: (ids: readonly number[]) => Promise<readonly Row[]>;
  readonly one: (id: number) => Promise<Row>;
  readonly sapKeyOf: (row: Row) => string | null;
  readonly apply: (rows: readonly Row[]) => Promise<unknown>;
  readonly letGo: (gone: readonly GoneRecord[]) => Promise<unknown>;
  readonly signal: AbortSignal;
}

function kindOf<Row extends { readonly id: number; readonly isDeleted: boolean }>(parts: KindParts<Row>): ComparedKind {
  const defects: DefectiveRecord[] = [];
  const compared = (records: readonly Row[]): ComparedRows => {
    const rows = records.map((row) => ({ id: row.id, isDeleted: row.isDeleted, sapKey: parts.sapKeyOf(row) }));
    return {
      rows,
      async apply(wanted) {
        const chosen = records.filter((_, index) => {
          const row = rows[index];
          return row !== undefined && wanted(row);
        });
        defects.push(...(await sparing(chosen, parts.signal, parts.apply)));
      },
    };
  };
  return {
    linkKind: parts.linkKind,
    list: parts.list,
    async *pages() {
      for await (const records of parts.pages()) yield compared(records);
    },
    byIds: async (ids) => compared(await parts.byIds(ids)),
    one: async (id) => compared([await parts.one(id)]),
    letGo: async (gone) => void defects.push(...(await sparing(gone, parts.signal, parts.letGo))),
    takeDefects: () => defects.splice(0),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
