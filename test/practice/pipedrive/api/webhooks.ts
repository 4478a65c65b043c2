import type { CompanyState } from '../company/state.ts';
import { ApiFailure } from '../failures.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { HookRecord } from '../records.ts';
import { v2Time } from '../times.ts';
import { probeTarget } from '../webhooks/probe.ts';
import { type ApiAnswer, type ApiCall, idOf, type Route } from './route.ts';

const ACTIONS = ['create', 'change', 'delete', '*'];
const V1_ACTIONS = ['added', 'updated', 'deleted', 'merged'];
const OBJECTS = [
  'activity',
  'deal',
  'lead',
  'note',
  'organization',
  'person',
  'pipeline',
  'product',
  'stage',
  'user',
  '*',
];
/** Named by the guide only, for version 2.0; the official description does not list them. */
const V2_OBJECTS = ['deal_product', 'deal_installment', 'board', 'phase', 'project', 'task'];
const KNOWN = [
  'subscription_url',
  'event_action',
  'event_object',
  'name',
  'user_id',
  'http_auth_user',
  'http_auth_password',
  'version',
];
const HOOKS_PER_USER = 40;
const READ = ['webhooks:read', 'webhooks:full', 'admin'];
const WRITE = ['webhooks:full', 'admin'];

export const webhookRoutes: readonly Route[] = [
  {
    version: 'v1',
    method: 'GET',
    path: '/webhooks',
    scopes: READ,
    handle: (call) =>
      answer(
        200,
        ownHooks(call).map((hook) => hookView(call.company, hook)),
      ),
  },
  { version: 'v1', method: 'POST', path: '/webhooks', scopes: WRITE, handle: create },
  {
    version: 'v1',
    method: 'DELETE',
    path: '/webhooks/{id}',
    scopes: WRITE,
    handle: (call) => {
      const hook = ownHooks(call).find(({ id }) => id === idOf(call));
      if (!hook) throw new ApiFailure(404, { status: 'error', success: false, errors: { id: ['not found'] } });
      call.company.hooks.delete(hook.id);
      return { status: 200, body: { status: 'ok', success: true } };
    },
  },
];

/** An app sees its own hooks of this user only. */
function ownHooks(call: ApiCall): HookRecord[] {
  return [...call.company.hooks.values()].filter(
    (hook) => hook.client_id === call.clientId && (hook.user_id === call.actor.user.id || call.actor.user.is_admin),
  );
}

async function create(call: ApiCall): Promise<ApiAnswer> {
  const body = isJsonObject(call.body) ? call.body : {};
  const errors = problems(body, call.company.switches.dealProductHooks);
  const url = body['subscription_url'];
  if (!errors['subscription_url'] && typeof url === 'string') {
    const reachable = call.company.switches.probeWebhookTargets ? await probeTarget(url) : true;
    const own = call.company.apiDomain !== '' && url.startsWith(call.company.apiDomain);
    if (!reachable || own) errors['subscription_url'] = ['invalid or non-reachable URL'];
  }
  const userId = typeof body['user_id'] === 'number' ? body['user_id'] : call.actor.user.id;
  if (!call.company.users.has(userId)) errors['user_id'] = ['not found'];
  if (Object.keys(errors).length > 0) throw new ApiFailure(400, { status: 'error', success: false, errors });
  if (ownHooks(call).filter(({ user_id }) => user_id === userId).length >= HOOKS_PER_USER) {
    throw new ApiFailure(422, { status: 'error', success: false, errors: { user_id: ['webhook limit reached'] } });
  }
  const hook = newHook(call, body, userId);
  call.company.hooks.set(hook.id, hook);
  return answer(201, hookView(call.company, hook));
}

function problems(body: JsonObject, dealProducts: boolean): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const name of Object.keys(body)) if (!KNOWN.includes(name)) errors[name] = ['unknown parameter'];
  for (const name of ['subscription_url', 'event_action', 'event_object', 'name']) {
    if (typeof body[name] !== 'string' || body[name] === '') errors[name] = ['is required'];
  }
  const version = body['version'] ?? '2.0';
  if (version !== '1.0' && version !== '2.0') errors['version'] = ['must be 1.0 or 2.0'];
  const actions = version === '1.0' ? [...ACTIONS, ...V1_ACTIONS] : ACTIONS;
  const newer = V2_OBJECTS.filter((name) => dealProducts || name !== 'deal_product');
  const objects = version === '1.0' ? OBJECTS : [...OBJECTS, ...newer];
  if (!errors['event_action'] && !actions.includes(String(body['event_action']))) {
    errors['event_action'] = [`must be one of ${actions.join(', ')}`];
  }
  if (!errors['event_object'] && !objects.includes(String(body['event_object']))) {
    errors['event_object'] = [`must be one of ${objects.join(', ')}`];
  }
  return errors;
}

function newHook(call: ApiCall, body: JsonObject, userId: number): HookRecord {
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  return {
    id: 88_000 + call.company.nextId('hook'),
    user_id: userId,
    client_id: call.clientId,
    name: text('name'),
    event_action: text('event_action'),
    event_object: text('event_object'),
    subscription_url: text('subscription_url'),
    version: body['version'] === '1.0' ? '1.0' : '2.0',
    http_auth_user: text('http_auth_user') || null,
    http_auth_password: text('http_auth_password') || null,
    add_time: millis(call.company.clock.now()),
    last_delivery_time: null,
    last_http_status: null,
    failedFirstAttempts: 0,
    bannedUntil: null,
    failingSince: null,
  };
}

function hookView(company: CompanyState, hook: HookRecord) {
  const { client_id, failedFirstAttempts: _count, bannedUntil, failingSince: _since, ...shown } = hook;
  return {
    ...shown,
    company_id: company.id,
    owner_id: hook.user_id,
    admin_id: hook.user_id,
    type: client_id === null ? 'general' : 'application',
    is_active: bannedUntil !== null && bannedUntil > company.clock.now() ? 0 : 1,
    remove_time: null,
    remove_reason: null,
  };
}

function answer(status: number, data: unknown): ApiAnswer {
  return { status, body: { status: 'ok', success: true, data } };
}

/** This resource shows milliseconds. */
function millis(epochMs: number): string {
  return v2Time(epochMs).replace('Z', '.000Z');
}
