import { isSettled, markPage, type ReadingMark, readingStart } from '../../domain/reading-mark.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { organizationFieldsShown } from '../crm-views.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import { CRM_LISTS, type CrmList, type CrmReading, type CrmReadingStore } from '../ports/crm-readings.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import { findWorkplace, isSyncing, type TenantReads, type Workplace } from '../tenant.ts';
import type { ApplyChanges } from './apply-changes.ts';
import { changedPages, ENTITY_OF, findLastChange, type GapCrm, type GapReading, isOfOneList } from './gap-lists.ts';
import { reportDefects } from './sparing.ts';

export interface FillGapsDeps extends TenantReads {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly crm: GapCrm;
  readonly crmFields: Pick<CrmFieldStore, 'get'>;
  readonly readings: CrmReadingStore;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly applyChanges: ApplyChanges;
}

const MINUTE_MS = 60_000;
/** How often the job is planned. */
export const GAP_ROUND_MS = 15 * MINUTE_MS;
/**
 * How old a list's last reading may be while nothing is suspected. Won deals are to be found within a quarter of an hour;
 * the rest backs the notifications up at little cost: docs/decisions/keeping-up.md has the sum of the day.
 */
const MOST_AGE_MS: Readonly<Record<CrmList, number>> = {
  deals: 0,
  archived_deals: 24 * 60 * MINUTE_MS,
  deleted_deals: 24 * 60 * MINUTE_MS,
  organizations: 12 * 60 * MINUTE_MS,
  persons: 12 * 60 * MINUTE_MS,
  products: 12 * 60 * MINUTE_MS,
};
/** Half a round, so that a list is due at the same time of each day. */
const ROUNDING_MS = GAP_ROUND_MS / 2;
/** So long without a reading of the deals: this program, its grant or Pipedrive was away, and notifications with it. */
const AWAY_MS = 2 * GAP_ROUND_MS;

/**
 * Reads what changed in Pipedrive since the last reading, whether or not it was notified. A list's first run only notes
 * where it stands: history is nobody's news. Each page has had its effects before the mark moves past it, and what is
 * read twice changes nothing. A record that a defect keeps from being dealt with is told and passed over.
 */
export function makeFillGaps(deps: FillGapsDeps) {
  return async function fillGaps(id: InstallationId, signal: AbortSignal): Promise<void> {
    const workplace = await findWorkplace(deps, id);
    if (workplace?.installation.status !== 'active') return;
    const { readings, fields } = await deps.unitOfWork.within(id, async (tx) => ({
      readings: await deps.readings.list(tx),
      fields: await deps.crmFields.get(tx),
    }));
    const { crm, applyChanges } = deps;
    const reading: GapReading = { id, signal, crm, applyChanges, organizationFields: organizationFieldsShown(fields) };
    const startedAt = deps.clock.now();
    let refused: AppError | undefined;
    for (const list of dueLists(readings, startedAt)) {
      if (!isOfUse(list, workplace)) continue;
      const known = readings.find((one) => one.list === list);
      try {
        if (known) await readList(reading, list, { known: known.mark, from: readingStart(known), startedAt });
        else await begin(reading, list, workplace, startedAt);
      } catch (error) {
        // A list that this grant may not read keeps none of the others from being read.
        if (!(error instanceof AppError) || !isOfOneList(error)) throw error;
        refused ??= error;
        await passOver(id, list, startedAt);
      }
    }
    if (refused) throw refused;
  };

  async function readList(
    reading: GapReading,
    list: CrmList,
    { known, from, startedAt }: { known: ReadingMark; from: Date; startedAt: Date },
  ): Promise<void> {
    let mark = known;
    for await (const page of changedPages(reading, list, from)) {
      const defects = await page.apply((row) => !isSettled(known, row));
      mark = markPage(known, mark, page.rows, deps.clock.now());
      await deps.unitOfWork.within(reading.id, async (tx) => {
        await deps.readings.save(tx, list, mark);
        await reportDefects(deps, tx, ENTITY_OF[list], defects);
      });
    }
    await finish(reading, list, mark, startedAt);
  }

  /** Notes where a list stands; only deals won since they start by themselves are looked for in what was before. */
  async function begin(reading: GapReading, list: CrmList, { settings }: Workplace, startedAt: Date): Promise<void> {
    const { enabled, startsAt } = settings.handoff;
    const last = await findLastChange(reading, list);
    const rows = last === undefined ? [] : [{ id: 0, updateTime: last }];
    const known = { ...NOTHING, newest: markPage(NOTHING, NOTHING, rows, deps.clock.now()).newest };
    if (!DEAL_LISTS.has(list) || !enabled || !startsAt) return finish(reading, list, known, startedAt);
    await readList(reading, list, { known, from: new Date(startsAt), startedAt });
  }

  /**
   * One that is refused is asked for again when its turn comes, not with every round. Its mark stays where it was, at the
   * beginning where there is none, so that nothing is missed once it is allowed.
   */
  async function passOver(id: InstallationId, list: CrmList, startedAt: Date): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const isBegun = (await deps.readings.list(tx)).some((one) => one.list === list);
      if (!isBegun) await deps.readings.save(tx, list, NOTHING);
      await deps.readings.finish(tx, list, startedAt);
    });
  }

  async function finish({ id }: GapReading, list: CrmList, mark: ReadingMark, startedAt: Date): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      await deps.readings.save(tx, list, mark);
      await deps.readings.finish(tx, list, startedAt);
    });
  }
}

const NOTHING: ReadingMark = { newest: null, seen: {} };
const DEAL_LISTS: ReadonlySet<CrmList> = new Set(['deals', 'archived_deals', 'deleted_deals']);

/**
 * Nothing follows from a deal while deals never went by themselves, nor from other records while SAP is not connected: the
 * list stays due.
 */
function isOfUse(list: CrmList, workplace: Workplace): boolean {
  return DEAL_LISTS.has(list) ? workplace.settings.handoff.startsAt !== null : isSyncing(workplace);
}

/** What a ban kept back until then is not among what was read before. */
function isDueAgain({ readAgainAt, readFrom }: CrmReading, now: Date): boolean {
  return readAgainAt !== null && readAgainAt <= now && (readFrom === null || readFrom < readAgainAt);
}

/** Deals first: orders hang on them. */
function dueLists(readings: readonly CrmReading[], now: Date): readonly CrmList[] {
  const ageOf = (list: CrmList): number => {
    const readFrom = readings.find((one) => one.list === list)?.readFrom;
    return readFrom ? Math.abs(now.getTime() - readFrom.getTime()) : Number.POSITIVE_INFINITY;
  };
  const dealsAge = ageOf('deals');
  const wasAway = Number.isFinite(dealsAge) && dealsAge > AWAY_MS;
  return CRM_LISTS.filter(
    (list) =>
      wasAway ||
      readings.some((one) => one.list === list && (one.suspected || isDueAgain(one, now))) ||
      ageOf(list) + ROUNDING_MS >= MOST_AGE_MS[list],
  );
}
