import { badRequest, forbidden, validationFailed } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import type { Plan } from '../options.ts';
import type { DealRecord, StageRecord } from '../records.ts';
import { v1Time, v2Time } from '../times.ts';
import { announce, applyCustomFields, checkCommon, checkReference, newBase, textOr, touch } from './common-rules.ts';
import { dealHookView } from './hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

export function createDeal(company: CompanyState, actor: Actor, body: JsonObject): DealRecord {
  checkDealBody(company, actor, body);
  if (textOr(body, 'status', 'open') === 'open') checkOpenDeals(company);
  const stage = stageOf(company, body, undefined);
  const { custom_fields: _fields, status: _status, stage_id: _stage, pipeline_id: _pipeline, ...rest } = body;
  const record: DealRecord = {
    ...newBase(company, actor, 'deal', body),
    title: '',
    creator_user_id: actor.user.id,
    value: 0,
    currency: actor.user.default_currency,
    person_id: null,
    org_id: null,
    pipeline_id: stage.pipeline_id,
    stage_id: stage.id,
    status: 'open',
    probability: null,
    lost_reason: null,
    label_ids: [],
    expected_close_date: null,
    close_time: null,
    won_time: null,
    first_won_time: null,
    lost_time: null,
    stage_change_time: null,
    is_archived: false,
    archive_time: null,
    origin: actor.source === 'api' ? 'API' : 'ManuallyCreated',
  };
  Object.assign(record, rest);
  setStatus(company, record, textOr(body, 'status', 'open'), body);
  company.deals.set(record.id, record);
  const after = dealHookView(company, record);
  announce(company, actor, record, { action: 'create', object: 'deal', id: record.id, before: null, after });
  return record;
}

export function changeDeal(company: CompanyState, actor: Actor, record: DealRecord, body: JsonObject): void {
  checkDealBody(company, actor, body, record);
  if (body['is_deleted'] === true) throw validationFailed('is_deleted: use DELETE');
  const before = dealHookView(company, record);
  const stage = stageOf(company, body, record);
  const { custom_fields: _fields, status, stage_id: _stage, pipeline_id: _pipeline, is_deleted: _, ...rest } = body;
  applyCustomFields(company, 'deal', record, body);
  Object.assign(record, rest);
  if (stage.id !== record.stage_id) {
    record.stage_change_time = v2Time(company.clock.now());
    record.stage_id = stage.id;
    record.pipeline_id = stage.pipeline_id;
  }
  if (status === 'open' && record.status !== 'open') checkOpenDeals(company);
  if (typeof status === 'string' && status !== record.status) setStatus(company, record, status, body);
  if (rest['is_archived'] === true) record.archive_time ??= v1Time(company.clock.now());
  if (rest['is_archived'] === false) record.archive_time = null;
  touch(company, record);
  const after = dealHookView(company, record);
  announce(company, actor, record, { action: 'change', object: 'deal', id: record.id, before, after });
}

export function deleteDeal(company: CompanyState, actor: Actor, record: DealRecord): void {
  const before = dealHookView(company, record);
  record.is_deleted = true;
  record.status = 'deleted';
  touch(company, record);
  announce(company, actor, record, { action: 'delete', object: 'deal', id: record.id, before, after: null });
}

/** Open deals that a seat allows by plan (Pipedrive's knowledge base, "Usage limits"); leads are not counted here. */
const OPEN_DEALS_PER_SEAT: Record<Plan, number> = { lite: 2_500, growth: 5_000, premium: 15_000, ultimate: 20_000 };

/** @throws ApiFailure 403 when the company has as many open deals as its plan allows */
function checkOpenDeals(company: CompanyState): void {
  const most = (company.switches.openDealsPerSeat ?? OPEN_DEALS_PER_SEAT[company.plan]) * company.seats;
  if (company.deals.size < most) return;
  const open = [...company.deals.values()].filter(({ status, is_archived }) => status === 'open' && !is_archived);
  if (open.length < most) return;
  throw forbidden('You have reached the limit of open deals of your plan', 'feature_capping_deals_limit');
}

function checkDealBody(company: CompanyState, actor: Actor, body: JsonObject, record?: DealRecord): void {
  checkCommon(company, body);
  checkReference(company, actor, company.organizations, body['org_id'], 'Organization');
  checkReference(company, actor, company.persons, body['person_id'], 'Person');
  const currency = body['currency'];
  if (
    typeof currency === 'string' &&
    !company.currencies.some(({ code, active_flag }) => active_flag && code === currency)
  ) {
    throw badRequest('Currency is not valid');
  }
  const status = textOr(body, 'status', record?.status ?? 'open');
  const only = (name: string, allowed: string) => {
    if (typeof body[name] === 'string' && status !== allowed) {
      throw validationFailed(`${name}: may be set on a ${allowed} deal only`);
    }
  };
  only('won_time', 'won');
  only('lost_time', 'lost');
  only('lost_reason', 'lost');
}

function stageOf(company: CompanyState, body: JsonObject, record: DealRecord | undefined): StageRecord {
  const wanted = body['stage_id'];
  if (typeof wanted === 'number') {
    const stage = company.stages.find(({ id }) => id === wanted);
    if (!stage) throw badRequest('Stage not found');
    return stage;
  }
  const pipeline = body['pipeline_id'];
  if (typeof pipeline === 'number' && pipeline !== record?.pipeline_id) {
    const first = company.stages.find(({ pipeline_id }) => pipeline_id === pipeline);
    if (!first) throw badRequest('Pipeline not found');
    return first;
  }
  const current = company.stages.find(({ id }) => id === (record?.stage_id ?? company.stages[0]?.id));
  if (!current) throw badRequest('Stage not found');
  return current;
}

function setStatus(company: CompanyState, record: DealRecord, status: string, body: JsonObject): void {
  const now = v2Time(company.clock.now());
  record.won_time = null;
  record.lost_time = null;
  record.close_time = null;
  if (status === 'won') {
    record.status = 'won';
    record.won_time = textOr(body, 'won_time', now);
    record.first_won_time ??= record.won_time;
    record.close_time = textOr(body, 'close_time', record.won_time);
  } else if (status === 'lost') {
    record.status = 'lost';
    record.lost_time = textOr(body, 'lost_time', now);
    record.close_time = textOr(body, 'close_time', record.lost_time);
  } else {
    record.status = 'open';
    record.lost_reason = null;
  }
}
