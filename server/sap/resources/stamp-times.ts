import { z } from 'zod';
import type { SapCompany } from '../company.ts';
import { readPage } from '../lists.ts';
import { OptionalText } from '../mappers/values.ts';
import type { StampedSet, StampedWalk, StampUnit } from './stamped-set.ts';

const NEWEST = 20;
const JUDGED_FOR_MS = 60 * 60_000;

/**
 * Whether the stamps of a set carry a time of day, judged by the newest ones: some systems leave UpdateTime empty. Unless
 * all of them do, single records may lack it, as those that an add-on wrote past SAP.
 * @param begins true for the first page of a walk; within a walk the judgement stays
 */
export async function stampTimesOf<S extends StampedSet>(
  company: SapCompany,
  walk: Pick<StampedWalk<S, never>, 'set' | 'key' | 'date' | 'time'>,
  begins: boolean,
): Promise<StampUnit> {
  const { memory, world } = company;
  const now = world.clock.now().getTime();
  const known = memory.stampTimes.get(nameOf(walk));
  // Records of one midnight look as if there were no times: that is looked at anew before long.
  if (known && !(begins && (known.unit === 'never' || now - known.judgedAt >= JUDGED_FOR_MS))) return known.unit;
  const { rows } = await readPage(
    company,
    walk.set,
    {
      select: [walk.key, walk.date, walk.time],
      orderBy: [`${walk.date} desc`, `${walk.time} desc`],
      top: NEWEST,
    },
    z.record(z.string(), z.unknown()),
  );
  const stamped = rows.filter((row) => typeof row[walk.date] === 'string');
  const timed = stamped.some((row) => !(OptionalText.safeParse(row[walk.time]).data ?? '00:00').startsWith('00:00'));
  const unit = stamped.length > 0 && !timed ? 'never' : known?.unit === 'always' ? 'always' : 'sometimes';
  memory.stampTimes.set(nameOf(walk), { unit, judgedAt: now });
  return unit;
}

/** The server does not compare times with nothing: from then on all records are taken to have one. */
export function takeTimesAsGiven<S extends StampedSet>(
  company: SapCompany,
  walk: Pick<StampedWalk<S, never>, 'set' | 'date'>,
): void {
  company.memory.stampTimes.set(nameOf(walk), { unit: 'always', judgedAt: company.world.clock.now().getTime() });
}

function nameOf({ set, date }: { readonly set: string; readonly date: string }): string {
  return `${set}.${date}`;
}
