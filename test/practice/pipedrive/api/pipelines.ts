import {
  changePipeline,
  changeStage,
  createPipeline,
  createStage,
  removePipeline,
  removeStage,
} from '../company/pipelines.ts';
import { notFound } from '../failures.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { PipelineRecord, StageRecord } from '../records.ts';
import { integerParameter } from '../validation/query.ts';
import { PIPELINE, STAGE } from '../validation/side-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { orderValue } from './record-queries.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const READ = ['deals:read', 'deals:full', 'admin'];
const WRITE = ['admin'];

const pipeline = (call: ApiCall) => known(call, call.company.pipelines, 'Pipeline');
const stage = (call: ApiCall) => known(call, call.company.stages, 'Stage');

export const pipelineRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/pipelines',
    scopes: READ,
    handle: (call) => {
      const rows = call.company.pipelines.filter((row) => !row.is_deleted);
      const page = pageOf(rows, pageRequest(call.query, ['id', 'add_time', 'update_time']), orderValue);
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  { version: 'v2', method: 'GET', path: '/pipelines/{id}', scopes: READ, handle: (call) => ok(pipeline(call)) },
  {
    version: 'v2',
    method: 'POST',
    path: '/pipelines',
    scopes: WRITE,
    admin: true,
    handle: (call) => {
      const body = checkBody(PIPELINE, call.body, { partial: false });
      return ok(createPipeline(call.company, call.actor, body));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/pipelines/{id}',
    scopes: WRITE,
    admin: true,
    handle: (call) => {
      const record: PipelineRecord = pipeline(call);
      changePipeline(call.company, call.actor, record, checkBody(PIPELINE, call.body, { partial: true }));
      return ok(record);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/pipelines/{id}',
    scopes: WRITE,
    admin: true,
    handle: (call) => {
      const record = pipeline(call);
      removePipeline(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/stages',
    scopes: READ,
    handle: (call) => {
      const wanted = integerParameter(call.query, 'pipeline_id');
      const rows = call.company.stages.filter(
        (row) => !row.is_deleted && (wanted === undefined || row.pipeline_id === wanted),
      );
      const page = pageOf(rows, pageRequest(call.query, ['id', 'add_time', 'update_time', 'order_nr']), orderValue);
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  { version: 'v2', method: 'GET', path: '/stages/{id}', scopes: READ, handle: (call) => ok(stage(call)) },
  {
    version: 'v2',
    method: 'POST',
    path: '/stages',
    scopes: WRITE,
    admin: true,
    handle: (call) => ok(createStage(call.company, call.actor, checkBody(STAGE, call.body, { partial: false }))),
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/stages/{id}',
    scopes: WRITE,
    admin: true,
    handle: (call) => {
      const record: StageRecord = stage(call);
      changeStage(call.company, call.actor, record, checkBody(STAGE, call.body, { partial: true }));
      return ok(record);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/stages/{id}',
    scopes: WRITE,
    admin: true,
    handle: (call) => {
      const record = stage(call);
      removeStage(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
];

function known<T extends { id: number; is_deleted: boolean }>(call: ApiCall, rows: readonly T[], what: string): T {
  const found = rows.find(({ id, is_deleted }) => id === idOf(call) && !is_deleted);
  if (!found) throw notFound(what);
  return found;
}
