import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { API_ROUTES, type RouteContract } from '../../../server/contract/routes.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  ReauthRequiredError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { COMPANY, INSTALLATION } from './fake-use-cases.ts';
import { NOW, type StartedHttp, signedToken, startHttp } from './start-http.ts';

const CONTRACTS: readonly [string, RouteContract][] = Object.entries(API_ROUTES);
const BODIES: Readonly<Record<string, object>> = {
  checkAddress: { address: 'sap.example.com:50000' },
  connect: {
    address: 'https://sap.example.com:50000/b1s/v2',
    companyDb: 'SBODEMO',
    userName: 'manager',
    password: 'password-canary',
    confirmedFingerprints: [],
    pastedPem: null,
    proxy: null,
  },
  changeSignIn: { userName: 'manager', password: 'password-canary' },
  changeTrust: { change: 'remove', fingerprint: 'AB:CD' },
  diagnose: { draft: false },
  switchSapEvents: { enabled: true },
  changeProxy: { proxy: { header: { name: 'x-gateway', value: 'header-canary' }, clientCertificate: null } },
  agree: { crmFields: true, erpField: true },
  switchHandoff: { enabled: true },
  approveComparison: { seenAt: '2026-03-02T03:10:00.000Z' },
  saveTokenSettings: { stated: { plan: 'lite', seats: 2 }, backgroundPercent: 40 },
  changeSignature: { signature: 'required' },
  savePreferences: { webClientUrl: null, priceList: 1 },
  askForRemoval: { companyName: 'Acme' },
};

const FINDING = '6a7ac3a9-27d2-4a1c-8dd2-6f4d6d0b5a11';
/** What stands in a route's path, as text and as a use case gets it. */
const PARAMS: Readonly<Record<string, string | number>> = { findingId: FINDING };
const paramOf = (name: string) => PARAMS[name] ?? 7;

/** A call of a route of the contract by somebody who is signed in. */
async function call({ app }: StartedHttp, name: string, options: { path?: string; body?: unknown } = {}) {
  const contract = CONTRACTS.find(([routeName]) => routeName === name)?.[1];
  if (!contract) throw new Error(`no route ${name}`);
  const path = options.path ?? contract.path.replaceAll(/\{(\w+)\}/g, (_all, param: string) => String(paramOf(param)));
  const started = request(app)
    [contract.method](path)
    .set('Authorization', `Bearer ${await signedToken()}`);
  const body = options.body ?? BODIES[name];
  return body === undefined ? started : started.send(body as object);
}

describe('/api', () => {
  it.each(CONTRACTS)('serves %s as the contract says', async (name, contract) => {
    const http = startHttp();
    const answer = await call(http, name);
    expect(answer.status).toBe(200);
    expect(answer.type).toBe('application/json');
    expect(contract.answer.safeParse(answer.body).success).toBe(true);
    const [param] = /\{(\w+)\}/.exec(contract.path)?.slice(1) ?? [];
    expect(http.fakes.calls).toEqual([
      {
        name,
        principal: { installationId: INSTALLATION, companyId: COMPANY, userId: 12, isAdmin: true },
        input: { ...(param === undefined ? {} : { [param]: paramOf(param) }), ...BODIES[name] },
      },
    ]);
  });

  it.each(CONTRACTS)('SE-21 asks %s for a token first', async (_name, contract) => {
    const { app, fakes } = startHttp();
    const answer = await request(app)[contract.method](contract.path.replaceAll(/[{}]/g, ''));
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(fakes.calls).toEqual([]);
  });

  it.each(CONTRACTS.filter(([, { adminOnly }]) => adminOnly))('SE-38 keeps %s for admins', async (name) => {
    const http = startHttp();
    http.fakes.admin = false;
    const answer = await call(http, name);
    expect(answer.status).toBe(403);
    expect(http.fakes.calls).toEqual([]);
  });

  it('SE-38 asks whether somebody is an admin when it matters, and not what was so at install', async () => {
    const http = startHttp();
    http.fakes.adminNow = false;
    expect((await call(http, 'connect')).status).toBe(403);
    http.fakes.admin = false;
    http.fakes.adminNow = true;
    expect((await call(http, 'connect')).status).toBe(200);
  });

  it.each(['7', '0', `${FINDING}0`, FINDING.replaceAll('-', ''), '..%2f..%2fconsent'])(
    'takes no id of a finding but a UUID: %s',
    async (id) => {
      const http = startHttp();
      const answer = await call(http, 'dismissFinding', { path: `/api/settings/findings/${id}/dismiss` });
      expect(answer.status).toBe(400);
      expect(http.fakes.calls).toEqual([]);
    },
  );

  it('SE-38 keeps everything that changes settings for admins', () => {
    const open = CONTRACTS.filter(([, { method, adminOnly }]) => method !== 'get' && !adminOnly).map(([name]) => name);
    expect(open).toEqual(['sendDeal']);
  });

  it.each([
    [new ForbiddenError('You have not installed Orderline.'), 403],
    [new NotFoundError('Orderline is not installed for this company.'), 404],
  ])('tells whoever has not installed: %s', async (error, status) => {
    const http = startHttp();
    http.fakes.fail.authenticate = error;
    const answer = await call(http, 'viewSettings');
    expect(answer.status).toBe(status);
    expect(answer.body.message).toBe(error.message);
  });

  it.each([
    '1 OR 1=1',
    '..%2f2',
    '%00',
    '1e3',
    '0x10',
    '-1',
    '0',
    '1.0',
    '1,2,3',
    '1%2C2',
    ' 7',
    '٧',
    '9'.repeat(20),
    'null',
  ])('takes no id but plain digits: %s', async (id) => {
    const http = startHttp();
    const answer = await call(http, 'viewDealPanel', { path: `/api/panel/deals/${id}` });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ kind: 'invalid_input' });
    expect(http.fakes.calls).toEqual([]);
  });

  it('names everything that is wrong with a body, at once, and never the values', async () => {
    const http = startHttp();
    const body = { address: '', companyDb: ['x'], userName: { $gt: '' }, password: 5, extra: 'value-canary' };
    const answer = await call(http, 'connect', { body });
    expect(answer.status).toBe(400);
    expect(answer.type).toBe('application/problem+json');
    const places = answer.body.problems.map((problem: { at?: string }) => problem.at ?? '');
    expect(places).toEqual(
      expect.arrayContaining(['address', 'companyDb', 'userName', 'password', 'confirmedFingerprints']),
    );
    expect(JSON.stringify(answer.body)).toContain('extra');
    expect(JSON.stringify(answer.body)).not.toContain('value-canary');
    expect(http.fakes.calls).toEqual([]);
  });

  it.each([
    ['unknown fields', { enabled: true, installationId: 'x', role: 'admin' }],
    ['a prototype', JSON.parse('{"enabled":true,"__proto__":{"isAdmin":true}}')],
    ['a list', []],
    ['text for a switch', { enabled: 'true' }],
  ])('refuses a body with %s', async (_what, body) => {
    const http = startHttp();
    const answer = await call(http, 'switchHandoff', { body });
    expect(answer.status).toBe(400);
    expect(http.fakes.calls).toEqual([]);
  });

  it.each([
    ['text/plain', '{"enabled":true}', 400],
    ['application/x-www-form-urlencoded', 'enabled=true', 400],
    ['application/json', '{"enabled":', 400],
    ['application/json', '"enabled"', 400],
    ['application/json', JSON.stringify({ enabled: true, padding: 'x'.repeat(5_000_000) }), 413],
  ])('refuses a body that comes as %s: %.20s', async (type, body, status) => {
    const http = startHttp();
    const answer = await request(http.app)
      .post('/api/settings/handoff')
      .set('Authorization', `Bearer ${await signedToken()}`)
      .set('Content-Type', type)
      .send(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ kind: 'invalid_input', requestId: expect.any(String) });
    expect(http.fakes.calls).toEqual([]);
  });

  it('lets nothing out that the contract does not name', async () => {
    const http = startHttp();
    http.fakes.answers.viewPersonPanel = { personId: 7, organization: null, accessToken: 'leak-canary' };
    const answer = await call(http, 'viewPersonPanel');
    expect(answer.body).toEqual({ personId: 7, organization: null });
  });

  const refusal = { system: 'sap', code: '-10', words: 'Sie dürfen nicht', message: 'SAP refused.' } as const;
  it.each([
    [new InvalidInputError([{ code: 'no_lines', message: 'The deal has no lines.', at: 'lines' }]), 400],
    [new ForbiddenError('No.'), 403],
    [new NotFoundError('Gone.'), 404],
    [new ConflictError('Already so.'), 409],
    [new ReauthRequiredError('sap', 'SAP refuses the password.'), 409],
    [new RejectedError(refusal), 422],
    [new RateLimitedError('Wait.', new Date(NOW.getTime() + 90_500)), 429],
    [new OutcomeUnknownError('SAP has not confirmed.'), 502],
    [new UnavailableError('SAP did not answer.'), 503],
  ])('answers %s with its status and its sentence', async (error, status) => {
    const http = startHttp();
    http.fakes.fail.api = error;
    const answer = await call(http, 'sendDeal');
    expect(answer.status).toBe(status);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ kind: error.kind, message: error.message });
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    expect(answer.body.problems).toEqual(error instanceof InvalidInputError ? error.problems : []);
    expect(answer.headers['retry-after']).toBe(error instanceof RateLimitedError ? '91' : undefined);
    expect(answer.body.retryAt).toBe(error instanceof RateLimitedError ? error.retryAt.toISOString() : undefined);
    expect(http.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('SE-35 tells nothing of a defect but a number, and logs it with that number', async () => {
    const http = startHttp();
    http.fakes.fail.api = Object.assign(new Error('select password from connections; host db-1.internal'), {
      sql: 'x',
    });
    const answer = await call(http, 'viewSettings');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toMatch(/select|internal|\bat \b/);
    const [logged] = http.log.filter(({ level }) => level === 'error');
    expect(logged?.fields).toMatchObject({
      requestId: answer.body.requestId,
      route: '/api/settings',
      installationId: INSTALLATION,
    });
  });

  it('treats an answer that breaks the contract as a defect', async () => {
    const http = startHttp();
    http.fakes.answers.viewPersonPanel = { personId: 'seven' };
    expect((await call(http, 'viewPersonPanel')).status).toBe(500);
  });

  it('SE-36 slows down one user and no other', async () => {
    const http = startHttp({ limits: { api: { burst: 2, perMinute: 60 } } });
    expect((await call(http, 'viewSettings')).status).toBe(200);
    expect((await call(http, 'viewSettings')).status).toBe(200);
    const refused = await call(http, 'viewSettings');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    const other = await request(http.app)
      .get('/api/settings')
      .set('Authorization', `Bearer ${await signedToken({ userId: 13 })}`);
    expect(other.status).toBe(200);
  });

  it('SE-36 slows down whoever lets us dial one address after another', async () => {
    const http = startHttp({ limits: { connectionTest: { burst: 2, perMinute: 1 } } });
    expect((await call(http, 'checkAddress')).status).toBe(200);
    expect((await call(http, 'connect')).status).toBe(200);
    expect((await call(http, 'checkAddress')).status).toBe(429);
    expect((await call(http, 'viewSettings')).status).toBe(200);
  });

  it('SE-34 logs ids, the pattern and the status, and nothing that was sent', async () => {
    const http = startHttp();
    await call(http, 'connect');
    await call(http, 'viewDealPanel', { path: '/api/panel/deals/987654' });
    const written = JSON.stringify(http.log);
    expect(written).not.toMatch(/password-canary|manager|987654|eyJ/);
    expect(http.log.map(({ fields }) => fields)).toMatchObject([
      { method: 'POST', route: '/api/settings/sap/connection', status: 200, installationId: INSTALLATION, userId: 12 },
      { method: 'GET', route: '/api/panel/deals/:dealId', status: 200, installationId: INSTALLATION, userId: 12 },
    ]);
  });

  it('describes itself from the contract', async () => {
    const { app } = startHttp();
    const { body } = await request(app).get('/api/openapi.json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).sort()).toEqual([...new Set(CONTRACTS.map(([, { path }]) => path))].sort());
    for (const [name, { path, method, params, query }] of CONTRACTS) {
      const operation = body.paths[path][method];
      expect(operation.operationId).toBe(name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const parameters: { name: string; in: string; required: boolean }[] = operation.parameters ?? [];
      const namesIn = (place: string) => parameters.filter((one) => one.in === place).map((one) => one.name);
      expect(namesIn('path')).toEqual(inPath);
      expect(namesIn('query')).toEqual(Object.keys(query?.shape ?? {}));
      expect(parameters.every((one) => one.required === (one.in === 'path'))).toBe(true);
      expect(params === undefined).toBe(inPath.length === 0);
      const { schema } = operation.responses['200'].content['application/json'];
      const shapes: { type: string }[] = schema.oneOf ?? [schema];
      expect([...new Set(shapes.map(({ type }) => type))]).toEqual(['object']);
    }
    expect(body.components.schemas.Error.required).toContain('requestId');
  });
});
