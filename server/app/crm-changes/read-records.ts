import { ForbiddenError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { organizationFieldsShown } from '../crm-views.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmChange, CrmEntity } from '../ports/crm-changes.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import type { CrmRead, GoneRecord } from './apply-changes.ts';
import type { MeaningDeps } from './with-meaning.ts';

export interface ReadRecordsDeps extends MeaningDeps {
  readonly crm: Pick<
    Crm,
    | 'getDeal'
    | 'getOrganization'
    | 'getPerson'
    | 'getProduct'
    | 'listDealsByIds'
    | 'listOrganizationsByIds'
    | 'listPersonsByIds'
    | 'listProductsByIds'
    | 'listUsers'
  >;
  readonly crmFields: CrmFieldStore;
}

export interface ReadRecords {
  readonly read: CrmRead;
  /** Not there any more: it was said so, and asking for it alone gave nothing. */
  readonly gone: readonly GoneRecord[];
  /** Pipedrive refused to show them, or showed what cannot be read. */
  readonly refused: readonly CrmChange[];
}

/** From so many on one question for up to a hundred, at 10 tokens, is cheaper than one each, at 1 token. */
const BY_IDS_FROM = 10;

/**
 * Reads records as cheaply as can be: up to nine alone, more together. Deals that are not among the usual ones are looked
 * for among the archived ones, whatever their number at 20 tokens: a deal may be archived as soon as it is won.
 */
export async function readRecords(
  deps: ReadRecordsDeps,
  id: InstallationId,
  entity: CrmEntity,
  changes: readonly CrmChange[],
  signal: AbortSignal,
): Promise<ReadRecords> {
  const caller: CrmCaller = {
    installationId: id,
    as: 'service',
    purpose: entity === 'deal' ? 'order' : 'delta',
    signal,
  };
  const { crm } = deps;
  switch (entity) {
    case 'deal': {
      const found = await readSome(changes, {
        one: (dealId) => crm.getDeal(caller, dealId),
        many: (ids) => crm.listDealsByIds(caller, ids),
        alone: () => false,
      });
      const hidden = found.absent.filter((change) => !saidToBeGone(change)).map(({ id: dealId }) => dealId);
      const listed = hidden.length > 0 ? await crm.listDealsByIds(caller, hidden, { archived: true }) : [];
      const archived = listed.filter(({ isDeleted }) => !isDeleted);
      const gone = found.absent.filter((change) => !archived.some((deal) => deal.id === change.id));
      return { ...found, read: { entity, records: [...found.records, ...archived] }, gone: gone.map(goneOf) };
    }
    case 'organization': {
      const fields = await deps.unitOfWork.within(id, (tx) => deps.crmFields.get(tx));
      const found = await readSome(changes, {
        one: (organizationId) => crm.getOrganization(caller, organizationId),
        many: (ids) => crm.listOrganizationsByIds(caller, ids, organizationFieldsShown(fields)),
        alone: saidToBeGone,
      });
      return { ...found, read: { entity, records: found.records }, gone: goneAmong(found.absent) };
    }
    case 'person': {
      const found = await readSome(changes, {
        one: (personId) => crm.getPerson(caller, personId),
        many: (ids) => crm.listPersonsByIds(caller, ids),
        alone: saidToBeGone,
      });
      return { ...found, read: { entity, records: found.records }, gone: goneAmong(found.absent) };
    }
    case 'product': {
      const found = await readSome(changes, {
        one: (productId) => crm.getProduct(caller, productId),
        many: (ids) => crm.listProductsByIds(caller, ids),
        alone: saidToBeGone,
      });
      return { ...found, read: { entity, records: found.records }, gone: goneAmong(found.absent) };
    }
    case 'user': {
      const ids = new Set(changes.map((change) => change.id));
      const users = await crm.listUsers(caller);
      return { read: { entity, records: users.filter((user) => ids.has(user.id)) }, gone: [], refused: [] };
    }
    default:
      return entity satisfies never;
  }
}

const saidToBeGone = ({ gone }: CrmChange): boolean => gone;
const goneOf = ({ id, mergedInto }: CrmChange): GoneRecord => ({ id, mergedInto });
const goneAmong = (absent: readonly CrmChange[]) => absent.filter(saidToBeGone).map(goneOf);

interface Readers<Row> {
  one(id: number): Promise<Row>;
  many(ids: readonly number[]): Promise<readonly Row[]>;
  /** Whether one that a list of many did not give is asked for alone: only that tells a list's gap from a record's end. */
  alone(change: CrmChange): boolean;
}

interface Found<Row> {
  readonly records: readonly Row[];
  /** Not given, whether or not it was asked for alone. */
  readonly absent: readonly CrmChange[];
  readonly refused: readonly CrmChange[];
}

async function readSome<Row extends { readonly id: number }>(
  changes: readonly CrmChange[],
  readers: Readers<Row>,
): Promise<Found<Row>> {
  const many = changes.length < BY_IDS_FROM ? undefined : await readTogether(changes, readers);
  if (!many) return readAlone(changes, readers);
  const seen = new Set(many.map(({ id }) => id));
  const missing = changes.filter(({ id }) => !seen.has(id));
  const found = await readAlone(missing.filter(readers.alone), readers);
  return {
    records: [...many, ...found.records],
    absent: [...found.absent, ...missing.filter((change) => !readers.alone(change))],
    refused: found.refused,
  };
}

/** Undefined where one of them spoils the answer for all: then each is asked for alone, and that one is known. */
async function readTogether<Row>(
  changes: readonly CrmChange[],
  { many }: Pick<Readers<Row>, 'many'>,
): Promise<readonly Row[] | undefined> {
  try {
    return await many(changes.map(({ id }) => id));
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}

async function readAlone<Row>(changes: readonly CrmChange[], readers: Pick<Readers<Row>, 'one'>): Promise<Found<Row>> {
  const records: Row[] = [];
  const absent: CrmChange[] = [];
  const refused: CrmChange[] = [];
  for (const change of changes) {
    try {
      records.push(await readers.one(change.id));
    } catch (error) {
      if (error instanceof NotFoundError) absent.push(change);
      else if (error instanceof ForbiddenError || error instanceof RejectedError) refused.push(change);
      else throw error;
    }
  }
  return { records, absent, refused };
}
