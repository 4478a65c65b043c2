import { describe, expect, it } from 'vitest';
import { createApiClient } from '../../../extension/shared/api/api-client.ts';
import { object, text } from '../../../extension/shared/api/guard.ts';

const isThing = object<{ name: string }>({ name: text });

interface Sent {
  readonly path: string;
  readonly method: string | undefined;
  readonly token: string | null;
  readonly body: unknown;
}

function aClient(...answers: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const dates: (string | null)[] = [];
  const api = createApiClient({
    fetch: async (path, init) => {
      const token = new Headers(init.headers).get('authorization');
      sent.push({ path, method: init.method, token, body: init.body });
      const answer = answers[sent.length - 1];
      if (!answer) throw new Error('called too often');
      return answer();
    },
    tokens: { current: async () => 'first', replace: async (refused) => `after ${refused}` },
    serverTime: { now: () => 0, observe: (date) => void dates.push(date) },
  });
  return { api, sent, dates };
}

const json =
  (status: number, body: unknown, headers = {}) =>
  () =>
    Response.json(body, { status, headers });
const problem = { kind: 'rejected', message: 'SAP refused.', problems: [], requestId: 'r1' };

describe('createApiClient', () => {
  it('sends the token as a bearer and checks the answer', async () => {
    const { api, sent, dates } = aClient(json(200, { name: 'a' }, { date: 'Tue, 24 Nov 2026 08:00:00 GMT' }));
    expect(await api.get('/api/x', isThing)).toEqual({ name: 'a' });
    expect(sent).toEqual([{ path: '/api/x', method: 'GET', token: 'Bearer first', body: undefined }]);
    expect(dates).toEqual(['Tue, 24 Nov 2026 08:00:00 GMT']);
  });

  it('repeats once with a fresh token after a 401', async () => {
    const { api, sent } = aClient(json(401, {}), json(200, { name: 'a' }));
    expect(await api.post('/api/x', { a: 1 }, isThing)).toEqual({ name: 'a' });
    expect(sent.map(({ token, body }) => [token, body])).toEqual([
      ['Bearer first', '{"a":1}'],
      ['Bearer after first', '{"a":1}'],
    ]);
  });

  it('does not repeat a second time', async () => {
    const { api, sent } = aClient(json(401, {}), json(401, problem));
    await expect(api.get('/api/x', isThing)).rejects.toMatchObject({ status: 401 });
    expect(sent).toHaveLength(2);
  });

  it('never repeats a write that failed otherwise', async () => {
    const { api, sent } = aClient(json(502, { ...problem, kind: 'outcome_unknown' }));
    await expect(api.post('/api/x', {}, isThing)).rejects.toMatchObject({ kind: 'outcome_unknown' });
    expect(sent).toHaveLength(1);
  });

  it('gives the server’s own words', async () => {
    const { api } = aClient(json(429, { ...problem, kind: 'rate_limited', retryAt: '2026-11-24T08:00:00.000Z' }));
    await expect(api.get('/api/x', isThing)).rejects.toMatchObject({
      kind: 'rate_limited',
      message: 'SAP refused.',
      requestId: 'r1',
      retryAt: '2026-11-24T08:00:00.000Z',
      status: 429,
    });
  });

  it.each([
    ['HTML of a proxy', () => new Response('<html>', { status: 502, headers: { 'x-request-id': 'r2' } }), 'r2'],
    ['an error of another shape', json(500, { error: 'x' }), null],
    ['an answer of another shape', json(200, { title: 'x' }), null],
    ['an empty answer', () => new Response('', { status: 200 }), null],
  ])('calls %s unreadable', async (_name, answer, requestId) => {
    const { api } = aClient(answer);
    await expect(api.get('/api/x', isThing)).rejects.toMatchObject({ kind: 'unreadable', requestId });
  });

  it.each([
    ['offline', new TypeError('Failed to fetch')],
    ['timeout', new DOMException('too late', 'TimeoutError')],
  ])('tells %s apart', async (kind, error) => {
    const { api } = aClient(() => Promise.reject(error));
    await expect(api.get('/api/x', isThing)).rejects.toMatchObject({ kind });
  });

  it('downloads a file under the name that the server gave it, with the token as a bearer', async () => {
    const headers = { 'content-disposition': 'attachment; filename="orderline-7-2026-11-24.json"' };
    const { api, sent } = aClient(json(401, {}), json(200, { complete: true }, headers));
    const file = await api.download('/api/settings/export');
    expect(file.name).toBe('orderline-7-2026-11-24.json');
    expect(JSON.parse(await file.content.text())).toEqual({ complete: true });
    expect(sent.map(({ token }) => token)).toEqual(['Bearer first', 'Bearer after first']);
  });

  it('takes no half of a file for the whole, and gives the server’s own words where there is none', async () => {
    const broken = () => new Response(new ReadableStream({ pull: (stream) => stream.error(new TypeError('cut')) }));
    await expect(aClient(broken).api.download('/api/x')).rejects.toMatchObject({ kind: 'offline' });
    await expect(aClient(json(403, problem)).api.download('/api/x')).rejects.toMatchObject({ message: 'SAP refused.' });
  });

  it('stays silent about a look that was called off', async () => {
    const { api } = aClient(() => Promise.reject(new DOMException('called off', 'AbortError')));
    await expect(api.get('/api/x', isThing)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
