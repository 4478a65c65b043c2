import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { CrmEntity } from '../ports/crm-changes.ts';
import type { Finding, FindingStore } from '../ports/finding-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';

/** A record of Pipedrive that an unforeseen error keeps from being dealt with. */
export interface DefectiveRecord {
  readonly id: number;
  readonly error: unknown;
}

/**
 * Does the work for all records at once; where a defect stops it, for halves of them, down to the records that it is
 * about: they hold up none of the others. The work has to be repeatable.
 * @returns the records that it could not be done for
 * @throws {AppError} whatever was foreseen concerns all of them
 */
export async function sparing<Row extends { readonly id: number }>(
  rows: readonly Row[],
  signal: AbortSignal,
  work: (rows: readonly Row[]) => Promise<unknown>,
): Promise<readonly DefectiveRecord[]> {
  const [first] = rows;
  if (!first) return [];
  try {
    await work(rows);
    return [];
  } catch (error) {
    if (error instanceof AppError || signal.aborted) throw error;
    if (rows.length === 1) return [{ id: first.id, error }];
    const middle = Math.ceil(rows.length / 2);
    const before = await sparing(rows.slice(0, middle), signal, work);
    return [...before, ...(await sparing(rows.slice(middle), signal, work))];
  }
}

interface Deps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
}

const NAMES: Readonly<Record<CrmEntity, { readonly one: string; readonly many: string }>> = {
  deal: { one: 'deal', many: 'deals' },
  organization: { one: 'organization', many: 'organizations' },
  person: { one: 'person', many: 'people' },
  product: { one: 'product', many: 'products' },
  user: { one: 'user', many: 'users' },
};
const ACTIONS: Readonly<Record<CrmEntity, string>> = {
  deal: 'Open the deal, and use Send to SAP if its order is missing. If it happens again, tell support, who can find the error in the log.',
  user: 'If it happens again, tell support, who can find the error in the log.',
  organization: 'It is tried again every night. If this stays, tell support, who can find the error in the log.',
  person: 'It is tried again every night. If this stays, tell support, who can find the error in the log.',
  product: 'It is tried again every night. If this stays, tell support, who can find the error in the log.',
};
/** Of one kind at once; beyond these the log says enough. */
const MOST_LOGGED = 20;

const subjectOf = (entity: CrmEntity): string => `crm:${entity}`;

/** Tells a person of them, one finding for each kind of record, and writes down what the errors were. */
export async function reportDefects(
  { logger, clock, findings }: Deps,
  tx: Tx,
  entity: CrmEntity,
  defects: readonly DefectiveRecord[],
): Promise<void> {
  const [first] = defects;
  if (!first) return;
  logDefects(logger, tx.installationId, entity, defects);
  const { one, many } = NAMES[entity];
  const message =
    defects.length === 1
      ? `The ${one} with the number ${first.id} in Pipedrive could not be compared with SAP: an unexpected error occurred.`
      : `${defects.length} ${many} in Pipedrive could not be compared with SAP: an unexpected error occurred. The first is number ${first.id}.`;
  await findings.raise(
    tx,
    {
      kind: 'record_refused',
      subject: subjectOf(entity),
      message,
      action: ACTIONS[entity],
      link: linkTo(entity, first.id),
    },
    clock.now(),
  );
}

/** All records of a kind were dealt with. */
export async function resolveDefects({ clock, findings }: Deps, tx: Tx, entity: CrmEntity): Promise<void> {
  await findings.resolve(tx, 'record_refused', subjectOf(entity), clock.now());
}

function logDefects(
  logger: Logger,
  installationId: InstallationId,
  entity: CrmEntity,
  defects: readonly DefectiveRecord[],
): void {
  for (const { id, error } of defects.slice(0, MOST_LOGGED))
    logger.error('A record of Pipedrive could not be dealt with', error, { installationId, entity, record: id });
  if (defects.length > MOST_LOGGED)
    logger.warn('More records of Pipedrive could not be dealt with', {
      installationId,
      entity,
      count: defects.length - MOST_LOGGED,
    });
}

function linkTo(entity: CrmEntity, id: number): Finding['link'] {
  return entity === 'product' || entity === 'user' ? null : { resource: entity, id };
}
