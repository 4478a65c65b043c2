import { badRequest } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import type { PipelineRecord, StageRecord } from '../records.ts';
import { v2Time } from '../times.ts';
import { numberOr, textOr, touch } from './common-rules.ts';
import { pipelineHookView, stageHookView } from './side-hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

export function createPipeline(company: CompanyState, actor: Actor, body: JsonObject): PipelineRecord {
  const now = v2Time(company.clock.now());
  const record: PipelineRecord = {
    id: 1 + Math.max(0, ...company.pipelines.map(({ id }) => id)),
    name: textOr(body, 'name', ''),
    order_nr: company.pipelines.length + 1,
    is_deleted: false,
    is_deal_probability_enabled: body['is_deal_probability_enabled'] === true,
    add_time: now,
    update_time: now,
  };
  company.pipelines.push(record);
  tell(company, actor, 'pipeline', record.id, null, pipelineHookView(record));
  return record;
}

export function changePipeline(company: CompanyState, actor: Actor, record: PipelineRecord, body: JsonObject): void {
  const before = pipelineHookView(record);
  Object.assign(record, body);
  touch(company, record);
  tell(company, actor, 'pipeline', record.id, before, pipelineHookView(record));
}

export function removePipeline(company: CompanyState, actor: Actor, record: PipelineRecord): void {
  const before = pipelineHookView(record);
  record.is_deleted = true;
  for (const stage of company.stages) if (stage.pipeline_id === record.id) stage.is_deleted = true;
  tell(company, actor, 'pipeline', record.id, before, null);
}

/** @throws ApiFailure 400 for an unknown pipeline */
export function createStage(company: CompanyState, actor: Actor, body: JsonObject): StageRecord {
  checkPipeline(company, body);
  const now = v2Time(company.clock.now());
  const pipeline_id = numberOr(body, 'pipeline_id', 0);
  const record: StageRecord = {
    id: 1 + Math.max(0, ...company.stages.map(({ id }) => id)),
    name: '',
    order_nr: company.stages.filter((stage) => stage.pipeline_id === pipeline_id).length + 1,
    pipeline_id,
    deal_probability: 100,
    is_deleted: false,
    is_deal_rot_enabled: false,
    days_to_rotten: null,
    add_time: now,
    update_time: now,
  };
  Object.assign(record, body);
  company.stages.push(record);
  tell(company, actor, 'stage', record.id, null, stageHookView(record));
  return record;
}

/** @throws ApiFailure 400 for an unknown pipeline */
export function changeStage(company: CompanyState, actor: Actor, record: StageRecord, body: JsonObject): void {
  checkPipeline(company, body);
  const before = stageHookView(record);
  Object.assign(record, body);
  touch(company, record);
  tell(company, actor, 'stage', record.id, before, stageHookView(record));
}

export function removeStage(company: CompanyState, actor: Actor, record: StageRecord): void {
  const before = stageHookView(record);
  record.is_deleted = true;
  tell(company, actor, 'stage', record.id, before, null);
}

function checkPipeline(company: CompanyState, body: JsonObject): void {
  const wanted = body['pipeline_id'];
  if (wanted === undefined) return;
  if (!company.pipelines.some(({ id, is_deleted }) => id === wanted && !is_deleted))
    throw badRequest('Pipeline not found');
}

function tell(
  company: CompanyState,
  actor: Actor,
  object: 'pipeline' | 'stage',
  id: number,
  before: JsonObject | null,
  after: JsonObject | null,
): void {
  company.emit({
    action: before === null ? 'create' : after === null ? 'delete' : 'change',
    object,
    id,
    before,
    after,
    userId: actor.user.id,
    source: actor.source,
    permittedUserIds: [...company.users.values()].filter((one) => one.active_flag).map((one) => one.id),
  });
}
