import type { PracticeClock } from '../../kernel/clock.ts';
import type { IdMaker } from '../ids.ts';
import { type BurstLimiter, createBurstLimiter, defaultBurstLimit } from '../limits/burst.ts';
import { createDailyBudget, type DailyBudget } from '../limits/daily-budget.ts';
import type { CompanyOptions, Plan } from '../options.ts';
import type {
  ChangeEvent,
  CurrencyRecord,
  DealRecord,
  EntityName,
  FieldRecord,
  HookRecord,
  LineRecord,
  NoteRecord,
  OrganizationRecord,
  PersonRecord,
  PipelineRecord,
  ProductRecord,
  StageRecord,
  UserRecord,
} from '../records.ts';
import type {
  ActivityRecord,
  ActivityTypeRecord,
  DiscountRecord,
  FileRecord,
  FilterRecord,
  InstallmentRecord,
  VariationRecord,
} from '../side-records.ts';
import { activityTypes, currencies, pipelines, stages } from './built-in-data.ts';
import { builtInFields } from './built-in-fields.ts';
import { createSearchIndex, type SearchIndex } from './search-index.ts';
import { type CompanySwitches, defaultSwitches } from './switches.ts';

/** Who does something: a person in the web app, or a client through the API. */
export interface Actor {
  user: UserRecord;
  source: 'api' | 'app';
  /** In a bulk edit of a list. */
  bulk?: boolean;
}

/** All that one Pipedrive company holds. */
export interface CompanyState {
  readonly id: number;
  readonly name: string;
  domain: string;
  plan: Plan;
  seats: number;
  readonly currency: string;
  /** Origin of its API and pages; known once it listens. */
  apiDomain: string;
  readonly clock: PracticeClock;
  readonly ids: IdMaker;
  readonly users: Map<number, UserRecord>;
  readonly organizations: Map<number, OrganizationRecord>;
  readonly persons: Map<number, PersonRecord>;
  readonly deals: Map<number, DealRecord>;
  readonly lines: Map<number, LineRecord>;
  readonly products: Map<number, ProductRecord>;
  readonly notes: Map<number, NoteRecord>;
  readonly hooks: Map<number, HookRecord>;
  readonly fields: Record<EntityName, FieldRecord[]>;
  readonly pipelines: PipelineRecord[];
  readonly stages: StageRecord[];
  readonly currencies: CurrencyRecord[];
  readonly activities: Map<number, ActivityRecord>;
  readonly activityTypes: ActivityTypeRecord[];
  readonly variations: Map<number, VariationRecord>;
  readonly discounts: Map<string, DiscountRecord>;
  readonly installments: Map<number, InstallmentRecord>;
  readonly files: Map<number, FileRecord>;
  readonly filters: Map<number, FilterRecord>;
  /** Visibility groups: id to the group above, null for the one on top. */
  readonly groups: Map<number, number | null>;
  /** What search knows, which is behind what is written. */
  readonly index: SearchIndex;
  readonly budget: DailyBudget;
  readonly burst: BurstLimiter;
  readonly switches: CompanySwitches;
  nextId(kind: string): number;
  /** Later ids of that kind are greater than this one. */
  nextIdAtLeast(kind: string, used: number): void;
  /** Tells the webhooks; replaced when the company is put on a server. */
  emit(event: ChangeEvent): void;
}

/** Custom fields per company by plan (Pipedrive's knowledge base, "Usage limits"). */
export const CUSTOM_FIELD_LIMIT: Record<Plan, number> = { lite: 30, growth: 100, premium: 300, ultimate: 500 };

export function createCompanyState(options: CompanyOptions, clock: PracticeClock, ids: IdMaker): CompanyState {
  const plan = options.plan ?? 'lite';
  const seats = options.seats ?? 5;
  const counters = new Map<string, number>();
  return {
    id: options.id,
    name: options.name,
    domain: options.domain,
    plan,
    seats,
    currency: options.currency ?? 'EUR',
    apiDomain: '',
    clock,
    ids,
    users: new Map(),
    organizations: new Map(),
    persons: new Map(),
    deals: new Map(),
    lines: new Map(),
    products: new Map(),
    notes: new Map(),
    activities: new Map(),
    activityTypes: activityTypes(),
    variations: new Map(),
    discounts: new Map(),
    installments: new Map(),
    files: new Map(),
    filters: new Map(),
    groups: new Map(Object.entries(options.groups ?? { 1: null }).map(([id, above]) => [Number(id), above])),
    index: createSearchIndex(clock),
    hooks: new Map(),
    fields: {
      deal: builtInFields('deal'),
      organization: builtInFields('organization'),
      person: builtInFields('person'),
      product: builtInFields('product'),
    },
    pipelines: pipelines(),
    stages: stages(),
    currencies: currencies(),
    budget: createDailyBudget(clock, { plan, seats, timeZone: options.budgetTimeZone ?? 'UTC' }),
    burst: createBurstLimiter(clock, options.burstLimit ?? defaultBurstLimit(plan)),
    switches: defaultSwitches(options),
    nextId: (kind) => {
      const next = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, next);
      return next;
    },
    nextIdAtLeast: (kind, used) => {
      counters.set(kind, Math.max(counters.get(kind) ?? 0, used));
    },
    emit: () => undefined,
  };
}
