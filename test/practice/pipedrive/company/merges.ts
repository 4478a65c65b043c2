import { badRequest } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import type { BaseRecord, DealRecord, OrganizationRecord, PersonRecord } from '../records.ts';
import { announce, touch } from './common-rules.ts';
import { changeDeal } from './deals.ts';
import { dealHookView, organizationHookView, personHookView } from './hook-views.ts';
import { linesOf } from './line-money.ts';
import { changePerson } from './persons.ts';
import type { Actor, CompanyState } from './state.ts';

interface Merging<T extends BaseRecord> {
  object: 'organization' | 'person' | 'deal';
  loser: T;
  winner: T;
  view(record: T): JsonObject;
  /** Hangs on the winner what hung on the loser. */
  move(): void;
}

/** Persons and deals of the loser go over to the winner. @throws ApiFailure 400 for a merge with itself */
export function mergeOrganizations(
  company: CompanyState,
  actor: Actor,
  loser: OrganizationRecord,
  winner: OrganizationRecord,
): void {
  merge(company, actor, {
    object: 'organization',
    loser,
    winner,
    view: (record) => organizationHookView(company, record),
    move: () => {
      const body = { org_id: winner.id };
      for (const person of of(company.persons, (row) => row.org_id === loser.id))
        changePerson(company, actor, person, body);
      for (const deal of of(company.deals, (row) => row.org_id === loser.id)) changeDeal(company, actor, deal, body);
      moveNotes(company, 'org_id', loser.id, winner.id);
    },
  });
}

/** Deals of the loser go over to the winner, as do addresses that the winner does not have. */
export function mergePersons(company: CompanyState, actor: Actor, loser: PersonRecord, winner: PersonRecord): void {
  merge(company, actor, {
    object: 'person',
    loser,
    winner,
    view: (record) => personHookView(company, record),
    move: () => {
      for (const name of ['emails', 'phones'] as const) {
        const known = new Set(winner[name].map(({ value }) => value));
        const more = loser[name].filter(({ value }) => !known.has(value));
        winner[name] = [...winner[name], ...more.map((entry) => ({ ...entry, primary: false }))];
      }
      for (const deal of of(company.deals, (row) => row.person_id === loser.id)) {
        changeDeal(company, actor, deal, { person_id: winner.id });
      }
      moveNotes(company, 'person_id', loser.id, winner.id);
    },
  });
}

/** Lines of the loser come to those of the winner. */
export function mergeDeals(company: CompanyState, actor: Actor, loser: DealRecord, winner: DealRecord): void {
  merge(company, actor, {
    object: 'deal',
    loser,
    winner,
    view: (record) => dealHookView(company, record),
    move: () => {
      for (const line of linesOf(company, loser.id)) line.deal_id = winner.id;
      moveNotes(company, 'deal_id', loser.id, winner.id);
      loser.status = 'deleted';
    },
  });
}

/**
 * The winner keeps its values and takes the loser's where it has none; the loser is gone. Two events: the loser's
 * deletion and the winner's change, each naming the other (reference pipedrive-api.md, section 3.2).
 */
function merge<T extends BaseRecord>(company: CompanyState, actor: Actor, merging: Merging<T>): void {
  const { object, loser, winner, view, move } = merging;
  if (loser.id === winner.id) throw badRequest('A record cannot be merged with itself');
  const [loserBefore, winnerBefore] = [view(loser), view(winner)];
  takeWhatIsMissing(winner, loser);
  move();
  loser.is_deleted = true;
  touch(company, loser);
  touch(company, winner);
  announce(company, actor, loser, {
    action: 'delete',
    object,
    id: loser.id,
    before: loserBefore,
    after: null,
    merge: { to: winner.id },
  });
  announce(company, actor, winner, {
    action: 'change',
    object,
    id: winner.id,
    before: winnerBefore,
    after: view(winner),
    merge: { from: loser.id, loser: loserBefore },
  });
}

function takeWhatIsMissing<T extends BaseRecord>(winner: T, loser: T): void {
  winner.custom_fields = { ...loser.custom_fields, ...winner.custom_fields };
  for (const [name, value] of Object.entries(loser)) {
    const own: unknown = Reflect.get(winner, name);
    if (own === null && value !== null) Reflect.set(winner, name, value);
  }
}

function of<T extends BaseRecord>(records: ReadonlyMap<number, T>, fits: (row: T) => boolean): T[] {
  return [...records.values()].filter((row) => !row.is_deleted && fits(row));
}

function moveNotes(company: CompanyState, link: 'org_id' | 'person_id' | 'deal_id', from: number, to: number): void {
  for (const note of company.notes.values()) if (note[link] === from) note[link] = to;
}
