import type { PracticeClock } from '../../kernel/clock.ts';
import type { IdMaker } from '../ids.ts';
import { type BurstLimiter, createBurstLimiter, defaultBurstLimit } from '../limits/burst.ts';
import { createDailyBudget, type DailyBudget } from '../limits/daily-budget.ts';
import type { CompanyOptions, Plan } from '../options.ts';
import type {
  BaseRecord,
  ChangeEvent,
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
import { builtInFields } from './built-in-fields.ts';

/** Who does something: a person in the web app, or a client through the API. */
export interface Actor {
  user: UserRecord;
  source: 'api' | 'app';
}

/** Oddities that are not documented and can be switched per company. */
export interface CompanySwitches {
  /** A changed line also fires change.deal (likely, since the deal's value moves). */
  lineEditsChangeDeal: boolean;
  /** The daily headers may be missing after long inactivity. */
  dailyHeaders: boolean;
  /** A new webhook's address is tried out before it is accepted. */
  probeWebhookTargets: boolean;
  /** 402: trial over or unpaid. */
  closed: boolean;
  /** New records appear in search only after this many milliseconds on the clock. */
  searchLagMs: number;
  taxMethod: 'exclusive' | 'inclusive' | 'none';
  /** Set = deliveries carry an HMAC-SHA256 of the body in this header (a gateway that signs). */
  signature: { secret: string; header: string; encoding: 'hex' | 'base64'; prefix: string } | null;
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
  readonly currencies: { code: string; name: string; decimal_points: number; symbol: string }[];
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
    hooks: new Map(),
    fields: {
      deal: builtInFields('deal'),
      organization: builtInFields('organization'),
      person: builtInFields('person'),
      product: builtInFields('product'),
    },
    pipelines: [
      { id: 1, name: 'Sales', order_nr: 1 },
      { id: 2, name: 'Projects', order_nr: 2 },
    ],
    stages: [
      { id: 1, name: 'Qualified', order_nr: 1, pipeline_id: 1, deal_probability: 20 },
      { id: 2, name: 'Offer made', order_nr: 2, pipeline_id: 1, deal_probability: 50 },
      { id: 3, name: 'Negotiation', order_nr: 3, pipeline_id: 1, deal_probability: 80 },
      { id: 4, name: 'Planned', order_nr: 1, pipeline_id: 2, deal_probability: 30 },
      { id: 5, name: 'Tendered', order_nr: 2, pipeline_id: 2, deal_probability: 60 },
    ],
    currencies: [
      { code: 'EUR', name: 'Euro', decimal_points: 2, symbol: '€' },
      { code: 'USD', name: 'US Dollar', decimal_points: 2, symbol: '$' },
      { code: 'CHF', name: 'Swiss Franc', decimal_points: 2, symbol: 'CHF' },
      { code: 'PLN', name: 'Polish Złoty', decimal_points: 2, symbol: 'zł' },
      { code: 'JPY', name: 'Japanese Yen', decimal_points: 0, symbol: '¥' },
    ],
    budget: createDailyBudget(clock, { plan, seats, timeZone: options.budgetTimeZone ?? 'UTC' }),
    burst: createBurstLimiter(clock, options.burstLimit ?? defaultBurstLimit(plan)),
    switches: {
      lineEditsChangeDeal: true,
      dailyHeaders: true,
      probeWebhookTargets: true,
      closed: false,
      searchLagMs: 0,
      taxMethod: options.taxMethod ?? 'exclusive',
      signature: null,
    },
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

/** Owners and admins see everything of theirs; others only what is visible to the entire company. */
export function canSee(user: UserRecord, record: BaseRecord): boolean {
  return user.is_admin || record.owner_id === user.id || record.visible_to !== 1;
}

/** Ids of the active users who may see a record. */
export function permittedUsers(company: CompanyState, record: BaseRecord): number[] {
  return [...company.users.values()].filter((user) => user.active_flag && canSee(user, record)).map(({ id }) => id);
}
