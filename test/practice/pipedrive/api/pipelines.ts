import { notFound } from '../failures.ts';
import { PAGING_PARAMETERS, pageOf, pageRequest } from '../paging.ts';
import type { PipelineRecord, StageRecord } from '../records.ts';
import { integerParameter, onlyParameters } from '../validation/query.ts';
import { orderValue } from './record-queries.ts';
import { idOf, ok, type Route } from './route.ts';

const READ = ['deals:read', 'deals:full', 'admin'];
const STAMPS = { add_time: '2024-01-01T00:00:00Z', update_time: '2024-01-01T00:00:00Z' };

export const pipelineRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/pipelines',
    scopes: READ,
    handle: (call) => {
      onlyParameters(call.query, PAGING_PARAMETERS);
      const page = pageOf(
        call.company.pipelines.map(pipelineView),
        pageRequest(call.query, ['id', 'add_time', 'update_time']),
        orderValue,
      );
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/pipelines/{id}',
    scopes: READ,
    handle: (call) => {
      const found = call.company.pipelines.find(({ id }) => id === idOf(call));
      if (!found) throw notFound('Pipeline');
      return ok(pipelineView(found));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/stages',
    scopes: READ,
    handle: (call) => {
      onlyParameters(call.query, [...PAGING_PARAMETERS, 'pipeline_id']);
      const pipeline = integerParameter(call.query, 'pipeline_id');
      const rows = call.company.stages.filter((row) => pipeline === undefined || row.pipeline_id === pipeline);
      const request = pageRequest(call.query, ['id', 'add_time', 'update_time', 'order_nr']);
      const page = pageOf(rows.map(stageView), request, orderValue);
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/stages/{id}',
    scopes: READ,
    handle: (call) => {
      const found = call.company.stages.find(({ id }) => id === idOf(call));
      if (!found) throw notFound('Stage');
      return ok(stageView(found));
    },
  },
];

function pipelineView(row: PipelineRecord) {
  return { ...row, is_deleted: false, is_deal_probability_enabled: true, ...STAMPS };
}

function stageView(row: StageRecord) {
  return { ...row, is_deleted: false, is_deal_rot_enabled: false, days_to_rotten: null, ...STAMPS };
}
