import type { Changed } from '../../domain/reading-mark.ts';
import type { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmEntity } from '../ports/crm-changes.ts';
import type { CrmList } from '../ports/crm-readings.ts';
import type { ApplyChanges } from './apply-changes.ts';
import { type DefectiveRecord, sparing } from './sparing.ts';

/** One page of changed records, and what is to follow from those that are news. */
export interface ChangedPage {
  readonly rows: readonly Changed[];
  /** @returns those that a defect keeps from being dealt with */
  apply(isNews: (row: Changed) => boolean): Promise<readonly DefectiveRecord[]>;
}

/** What is asked of Pipedrive here. */
export type GapCrm = Pick<
  Crm,
  'listChangedDeals' | 'listDeletedDeals' | 'listOrganizations' | 'listPersons' | 'listProducts' | 'findLastChange'
>;

export interface GapReading {
  readonly id: InstallationId;
  readonly signal: AbortSignal;
  readonly crm: GapCrm;
  readonly applyChanges: ApplyChanges;
  /** Codes of the app's own fields on organizations: all that is asked of theirs. */
  readonly organizationFields: readonly string[];
}

/** Pages of a list from this instant on, oldest change first. */
export function changedPages(reading: GapReading, list: CrmList, updatedSince: Date): AsyncIterable<ChangedPage> {
  const { id, signal, crm, applyChanges } = reading;
  const caller = callerFor(reading, list);
  const pages = <Row extends Changed>(
    lists: AsyncIterable<readonly Row[]>,
    apply: (rows: readonly Row[]) => Promise<unknown>,
  ) => sparingPages(lists, (rows) => sparing(rows, signal, apply));
  switch (list) {
    case 'deals':
    case 'archived_deals': {
      const deals = crm.listChangedDeals(caller, { updatedSince, archived: list === 'archived_deals' });
      return pages(deals, (records) => applyChanges.applyRead(id, { entity: 'deal', records }, signal));
    }
    case 'deleted_deals':
      // Whether a deletion moves the stamp is not documented: all of the last 30 days are looked through.
      // They are given as they stand there, deleted: to ask for each of them again, every day, would cost up to 21 tokens.
      return pages(crm.listDeletedDeals(caller, new Date(0)), (records) =>
        applyChanges.applyRead(id, { entity: 'deal', records }, signal),
      );
    case 'organizations': {
      const customFields = reading.organizationFields;
      return pages(crm.listOrganizations(caller, { updatedSince, customFields }), (records) =>
        applyChanges.applyRead(id, { entity: 'organization', records }, signal),
      );
    }
    case 'persons':
      return pages(crm.listPersons(caller, { updatedSince }), (records) =>
        applyChanges.applyRead(id, { entity: 'person', records }, signal),
      );
    case 'products':
      return pages(crm.listProducts(caller, { updatedSince }), (records) =>
        applyChanges.applyRead(id, { entity: 'product', records }, signal),
      );
    default:
      return list satisfies never;
  }
}

/** The newest change there is, where a list is begun with; undefined where it is empty. */
export async function findLastChange(reading: GapReading, list: CrmList): Promise<string | undefined> {
  if (list === 'deleted_deals') return undefined;
  return reading.crm.findLastChange(callerFor(reading, list), list);
}

/** Deals are read in the name of the orders that may follow from them: they come before everything else. */
const PURPOSE: Readonly<Record<CrmList, CrmCaller['purpose']>> = {
  deals: 'order',
  archived_deals: 'order',
  deleted_deals: 'order',
  organizations: 'delta',
  persons: 'delta',
  products: 'delta',
};

function callerFor({ id, signal }: GapReading, list: CrmList): CrmCaller {
  return { installationId: id, as: 'service', purpose: PURPOSE[list], signal };
}

async function* sparingPages<Row extends Changed>(
  lists: AsyncIterable<readonly Row[]>,
  apply: (rows: readonly Row[]) => Promise<readonly DefectiveRecord[]>,
): AsyncGenerator<ChangedPage> {
  for await (const rows of lists) yield { rows, apply: (isNews) => apply(rows.filter(isNews)) };
}

/** What the records of a list are. */
export const ENTITY_OF: Readonly<Record<CrmList, CrmEntity>> = {
  deals: 'deal',
  archived_deals: 'deal',
  deleted_deals: 'deal',
  organizations: 'organization',
  persons: 'person',
  products: 'product',
};

/** A right, a plan or a feature that is missing; everything else concerns the whole run. */
export function isOfOneList({ kind }: AppError): boolean {
  return kind === 'forbidden' || kind === 'rejected' || kind === 'not_found';
}
