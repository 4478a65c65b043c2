import { mostRemovals } from '../../domain/removal-brake.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, UnavailableError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { COMPARED, type Compared, type Comparison, type CrmComparisonStore } from '../ports/crm-comparisons.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { FindServiceAdmin } from '../service-admin.ts';
import { findWorkplace, isSyncing, type TenantReads, type Workplace } from '../tenant.ts';
import type { ApplyChanges } from './apply-changes.ts';
import { reportDoubledCodes, reportStopped, STOPPED } from './compare-findings.ts';
import { type ComparedCrm, type ComparedKind, type ComparedRow, comparedKind } from './compare-kinds.ts';
import { findMissing } from './compare-missing.ts';
import { isOfOneList } from './gap-lists.ts';
import { reportDefects, resolveDefects } from './sparing.ts';

export interface CompareRecordsDeps extends TenantReads {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly crm: ComparedCrm;
  readonly crmFields: Pick<CrmFieldStore, 'get'>;
  readonly links: Pick<LinkStore, 'listKeysIn'>;
  readonly readings: Pick<CrmReadingStore, 'finish'>;
  readonly comparisons: CrmComparisonStore;
  readonly findings: FindingStore;
  readonly applyChanges: ApplyChanges;
  readonly findServiceAdmin: FindServiceAdmin;
}

interface Run {
  readonly id: InstallationId;
  readonly kinds: ReadonlyMap<Compared, ComparedKind>;
  /** By kind: Pipedrive id and SAP key of what was linked before anything was read. */
  readonly linked: ReadonlyMap<Compared, ReadonlyMap<number, string>>;
  /** By kind: ids of what was gone, and may have been restored. */
  readonly gone: ReadonlyMap<Compared, ReadonlySet<number>>;
  /** How many may go without a person having said so. */
  readonly most: number;
  /** The admin whose grant served when it began. */
  readonly admin: number;
  readonly signal: AbortSignal;
}

/**
 * Lists all organizations, persons and products once and holds what is linked against them: what a person changed goes
 * the way of any edit, what is gone or merged is let go or moved. Nothing is let go before every list was read whole, and
 * no more at once than the brake allows. A kind that was read stays read when the job starts again. A record with a defect
 * is set aside and told, and keeps none of the others from being compared. It rests while nobody who sees all records
 * serves the company: what is hidden from the others would be taken for deleted.
 */
export function makeCompareRecords(deps: CompareRecordsDeps) {
  return async function compareRecords(id: InstallationId, signal: AbortSignal): Promise<void> {
    const workplace = await findWorkplace(deps, id);
    // What is seen while SAP is not connected would come to nothing.
    if (!workplace || !isSyncing(workplace)) return;
    const admin = await deps.findServiceAdmin(id, signal);
    if (admin === undefined) {
      deps.logger.warn('Records are not compared: no admin of Pipedrive has the app', { installationId: id });
      return;
    }
    const run = await openRun(id, workplace, admin, signal);
    const comparison = await goOnOrStart(id);
    if (comparison.state === 'stopped') return letGo(run, await verifyAgain(run, comparison.missing));
    const { missing, refused } = await readAll(run, comparison.missing);
    if (countOf(missing) > run.most) await stop(run, missing);
    // What was missing hours ago, before the job was interrupted, may be back.
    else await letGo(run, isBegun(comparison) ? await verifyAgain(run, missing) : missing);
    if (refused) throw refused;
  };

  /** A kind that this grant may not read keeps none of the others from being compared. */
  async function readAll(
    run: Run,
    known: Comparison['missing'],
  ): Promise<{ readonly missing: Comparison['missing']; readonly refused: AppError | undefined }> {
    const missing: { -readonly [K in Compared]?: Comparison['missing'][K] } = { ...known };
    let refused: AppError | undefined;
    for (const kind of COMPARED) {
      if (missing[kind] || must(run.linked.get(kind)).size + must(run.gone.get(kind)).size === 0) continue;
      try {
        missing[kind] = await readKind(run, kind);
      } catch (error) {
        if (!(error instanceof AppError) || !isOfOneList(error)) throw error;
        refused ??= error;
      }
    }
    return { missing, refused };
  }

  /** @throws {UnavailableError} what was not shown since then proves nothing */
  async function provesAbsence({ id, admin, signal }: Run): Promise<void> {
    if ((await deps.findServiceAdmin(id, signal)) !== admin)
      throw new UnavailableError('Another person’s access has taken over while records were compared.');
  }

  async function openRun(
    id: InstallationId,
    { connection }: Workplace,
    admin: number,
    signal: AbortSignal,
  ): Promise<Run> {
    const { fields, linked, gone } = await deps.unitOfWork.within(id, async (tx) => {
      const linked = new Map<Compared, ReadonlyMap<number, string>>();
      const gone = new Map<Compared, ReadonlySet<number>>();
      for (const kind of COMPARED) {
        const linkKind = LINK_KINDS[kind];
        linked.set(kind, await deps.links.listKeysIn(tx, connection.id, linkKind, 'linked'));
        gone.set(kind, new Set((await deps.links.listKeysIn(tx, connection.id, linkKind, 'gone')).keys()));
      }
      return { fields: await deps.crmFields.get(tx), linked, gone };
    });
    const { crm, applyChanges } = deps;
    const around = { id, signal, crm, applyChanges, fields };
    const kinds = new Map(COMPARED.map((kind) => [kind, comparedKind(around, kind)]));
    return { id, kinds, linked, gone, most: mostRemovals(countIn(linked)), admin, signal };
  }

  /** Goes on with one that was begun not long ago, or that an admin has approved; else a new one. */
  async function goOnOrStart(id: InstallationId): Promise<Comparison> {
    return deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      const last = await deps.comparisons.find(tx);
      if (last?.state === 'stopped' && last.approved) return last;
      const isFresh = last && Math.abs(now.getTime() - last.startedAt.getTime()) < FRESH_MS;
      if (last?.state === 'reading' && isFresh) return last;
      await deps.comparisons.start(tx, now);
      return { state: 'reading', startedAt: now, missing: {}, approved: false };
    });
  }

  async function readKind(run: Run, kind: Compared): Promise<NonNullable<Comparison['missing'][Compared]>> {
    const compared = must(run.kinds.get(kind));
    const linked = must(run.linked.get(kind));
    const startedAt = deps.clock.now();
    const unseen = new Map(linked);
    const byKey = new Map<string, number[]>();
    const isOfInterest = (row: ComparedRow) =>
      !row.isDeleted &&
      (linked.has(row.id) || must(run.gone.get(kind)).has(row.id) || (kind === 'organization' && row.sapKey !== null));
    for await (const page of compared.pages()) {
      for (const { id, isDeleted, sapKey } of page.rows) {
        if (isDeleted) continue;
        unseen.delete(id);
        if (sapKey !== null) byKey.set(sapKey, [...(byKey.get(sapKey) ?? []), id]);
      }
      await page.apply(isOfInterest);
    }
    const { missing, listIsWhole } = await findMissing(compared, { linked: unseen, byKey }, run.most);
    await provesAbsence(run);
    const defects = compared.takeDefects();
    await deps.unitOfWork.within(run.id, async (tx) => {
      await deps.comparisons.saveMissing(tx, kind, missing);
      if (defects.length > 0) await reportDefects(deps, tx, kind, defects);
      else if (listIsWhole) await resolveDefects(deps, tx, kind);
      if (!listIsWhole) return;
      await deps.readings.finish(tx, compared.list, startedAt);
      await reportDoubledCodes(deps, tx, kind, { byKey, linked, startedAt });
    });
    if (!listIsWhole) {
      deps.logger.warn('A list of Pipedrive left out records that are there', {
        installationId: run.id,
        kind,
      });
    }
    return missing;
  }

  /** Time has gone by since: what is there by now stays, also where an admin has said that it may go. */
  async function verifyAgain(run: Run, missing: Comparison['missing']): Promise<Comparison['missing']> {
    const still: { -readonly [K in Compared]?: Comparison['missing'][K] } = {};
    for (const kind of COMPARED) {
      const known = missing[kind] ?? [];
      const linked = run.linked.get(kind);
      const asked = known.filter(({ id }) => linked?.has(id));
      const ids = new Map(asked.map(({ id }) => [id, linked?.get(id) ?? '']));
      const again = await findMissing(must(run.kinds.get(kind)), { linked: ids, byKey: new Map() }, ids.size);
      const winners = new Map(known.map(({ id, mergedInto }) => [id, mergedInto]));
      still[kind] = again.missing.map(({ id, mergedInto }) => ({
        id,
        mergedInto: mergedInto ?? winners.get(id) ?? null,
      }));
    }
    await provesAbsence(run);
    return still;
  }

  async function letGo({ id, kinds }: Run, missing: Comparison['missing']): Promise<void> {
    for (const kind of COMPARED) await must(kinds.get(kind)).letGo(missing[kind] ?? []);
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      for (const kind of COMPARED) await reportDefects(deps, tx, kind, must(kinds.get(kind)).takeDefects());
      await deps.comparisons.finish(tx, now);
      await deps.findings.resolve(tx, STOPPED.kind, STOPPED.subject, now);
    });
  }

  async function stop(run: Run, missing: Comparison['missing']): Promise<void> {
    await deps.unitOfWork.within(run.id, async (tx) => {
      await deps.comparisons.stop(tx, deps.clock.now());
      await reportStopped(deps, tx, { missing, linked: countIn(run.linked) });
    });
  }
}

const LINK_KINDS = { organization: 'partner', person: 'contact', product: 'item' } as const;
/** A comparison that was begun longer ago than this is begun anew. */
const FRESH_MS = 12 * 60 * 60_000;

/** Whether part of it was read by an earlier run. */
function isBegun({ missing }: Comparison): boolean {
  return Object.keys(missing).length > 0;
}

function countIn(linked: Run['linked']): number {
  return [...linked.values()].reduce((sum, ids) => sum + ids.size, 0);
}

function countOf(missing: Comparison['missing']): number {
  return COMPARED.reduce((sum, kind) => sum + (missing[kind]?.length ?? 0), 0);
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a kind of record without its list');
  return value;
}
