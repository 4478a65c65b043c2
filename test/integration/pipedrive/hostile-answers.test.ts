import { afterEach, describe, expect, it } from 'vitest';
import {
  OutcomeUnknownError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { type Answering, jsonAnswer, startRaw } from './raw-server.ts';

const DEAL = { id: 7, title: 'Desks', status: 'won', won_time: '2026-03-02T08:00:00Z', currency: 'EUR', value: 0.3 };

describe('answers that Pipedrive should not give (5.7)', () => {
  let raw: Awaited<ReturnType<typeof startRaw>> | undefined;
  afterEach(async () => {
    await raw?.close();
    raw = undefined;
  });
  const against = async (answering: Answering) => {
    raw = await startRaw(answering);
    return raw;
  };
  const html: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
  };
  const cut: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
    response.write('{"success":true,"data":{');
    setImmediate(() => response.destroy());
  };
  const gzipped: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('not gzip');
  };
  const huge: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.on('error', () => undefined);
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      while (!response.destroyed) if (!response.write(chunk)) return void response.once('drain', more);
    };
    more();
  };
  const server500 = jsonAnswer({ success: false, error: 'Server error' }, 500);
  const maintenance = jsonAnswer({ success: false, error: 'Maintenance' }, 503);

  it.each([
    ['5.7 no. 1: 200 with HTML', html],
    ['5.7 no. 19: half a body', cut],
    ['5.7 no. 19: a compressed body nobody asked for', gzipped],
    ['5.7 no. 19: an endless body', huge],
    ['500', server500],
    ['503', maintenance],
  ])('%s: a read is unavailable, a creating call of unknown outcome', async (_name, answering) => {
    const { crm, caller } = await against(answering);
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('F24: sends a creating call once, whatever comes; a reading or changing one three times at most', async () => {
    const { crm, caller, seen } = await against(server500);
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(seen).toHaveLength(1);
    await expect(crm.updateDealFields(caller, 7, { ['a'.repeat(40)]: 1 })).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(4);
  });

  it('AP-04: repeats less and less while nothing answers, then stops asking for a while', async () => {
    const { crm, caller, seen } = await against(server500);
    for (let call = 0; call < 20; call += 1) {
      await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    }
    expect(seen.length).toBeLessThan(20);
  });

  it('a refused connection is unavailable for creating calls too', async () => {
    const { crm, caller, stopServer } = await against(html);
    await stopServer();
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(UnavailableError);
  });

  it('5.7 no. 4: 200 with success:false is no success', async () => {
    const { crm, caller, logged } = await against((_request, response) => {
      const headers = { 'content-type': 'application/json', 'x-correlation-id': 'corr-4' };
      response.writeHead(200, headers).end(JSON.stringify({ success: false, error: 'Service is not available' }));
    });
    const words = { requestId: 'corr-4', message: expect.stringContaining('Service is not available') };
    const read = await crm.getDeal(caller, 7).catch((error: unknown) => error);
    expect(read).toBeInstanceOf(RejectedError);
    expect(read).toMatchObject(words);
    expect(logged).toContainEqual(expect.objectContaining({ operation: 'getDeal', correlationId: 'corr-4' }));
    // It says what went wrong, and not that nothing was done.
    const created = await crm.createProduct(caller, aProduct()).catch((error: unknown) => error);
    expect(created).toBeInstanceOf(OutcomeUnknownError);
    expect(created).toMatchObject(words);
  });

  it.each([
    ['429', 429, 'application/json', '{"success":false}', 'rate_limited'],
    ['the guard’s page', 403, 'text/html', '<html>', 'rate_limited'],
    ['200 with HTML', 200, 'text/html', '<html>', 'unavailable'],
    ['another shape', 200, 'application/json', '{"success":true,"data":{"id":"x"}}', 'rejected'],
    ['401', 401, 'application/json', '{"success":false}', 'reauth_required'],
  ])('%s keeps the number by which Pipedrive finds the request', async (_name, status, type, body, kind) => {
    const { crm, caller } = await against((request, response) => {
      const isToken = request.url?.startsWith('/oauth/');
      const headers = { 'content-type': isToken ? 'application/json' : type, 'x-correlation-id': 'corr-5' };
      response.writeHead(isToken ? 400 : status, headers).end(isToken ? '{"error":"invalid_grant"}' : body);
    });
    await expect(crm.getDeal(caller, 7)).rejects.toMatchObject({ kind, requestId: 'corr-5' });
  });

  it('a closed account is asked once, and everybody after that is told why', async () => {
    const { crm, caller, seen } = await against(jsonAnswer({ success: false, error: 'Trial is over' }, 402));
    await expect(crm.getDeal(caller, 7)).rejects.toMatchObject({ message: expect.stringContaining('Trial is over') });
    await expect(crm.getDeal(caller, 8)).rejects.toMatchObject({ reason: 'account_closed' });
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(RateLimitedError);
    expect(seen).toHaveLength(1);
  });

  it('AP-04: sends one call three times at most, another token or not', async () => {
    const statuses = [500, 401, 500, 401, 500];
    const { crm, caller, seen } = await against((request, response) => {
      if (request.url?.startsWith('/oauth/'))
        return void jsonAnswer(tokens(`http://${request.headers.host}`))(request, response);
      jsonAnswer({ success: false }, statuses.shift() ?? 200)(request, response);
    });
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    expect(seen.filter(({ url }) => !url.startsWith('/oauth/'))).toHaveLength(3);
  });

  it('AP-04: a token that runs out in an outage is renewed for the next call, and is no refused grant', async () => {
    const statuses = [500, 500, 401];
    const { crm, caller, seen } = await against((request, response) => {
      if (request.url?.startsWith('/oauth/'))
        return void jsonAnswer(tokens(`http://${request.headers.host}`))(request, response);
      const status = statuses.shift() ?? 200;
      jsonAnswer(status === 200 ? { success: true, data: DEAL } : { success: false }, status)(request, response);
    });
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    await expect(crm.getDeal(caller, 7)).resolves.toMatchObject({ id: 7 });
    expect(seen.at(-1)?.authorization).toBe('Bearer v1u:new');
  });

  it('5.7 no. 2: the guard page of a 403 is no missing right, and nothing more is sent', async () => {
    const { crm, caller, seen } = await against((_request, response) => {
      response.writeHead(403, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html>Attention Required</html>');
    });
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(RateLimitedError);
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(RateLimitedError);
    expect(seen).toHaveLength(1);
  });

  it.each(['-1', '1000000000000', 'soon', undefined])(
    '5.7 no. 3: a 429 whose reset is %s is waited out',
    async (reset) => {
      let calls = 0;
      const { crm, caller, clock } = await against((request, response) => {
        calls += 1;
        if (calls > 1) return void jsonAnswer({ success: true, data: DEAL })(request, response);
        response.writeHead(429, reset === undefined ? {} : { 'x-ratelimit-reset': reset }).end('over');
      });
      const before = clock.now().getTime();
      await expect(crm.getDeal(caller, 7)).resolves.toMatchObject({ id: 7 });
      expect(clock.now().getTime() - before).toBeLessThanOrEqual(11_000);
    },
  );

  it.each([
    [400, { success: false, error: 'Validation failed', code: 'ERR_SCHEMA_VALIDATION_FAILED' }, 'rejected'],
    [402, { success: false, error: 'Account not open' }, 'rate_limited'],
    [403, { success: false, error: 'Scope and URL mismatch' }, 'forbidden'],
    [404, { success: false, error: 'Deal not found' }, 'not_found'],
    [405, { success: false, error: 'Method not allowed' }, 'rejected'],
    [409, { success: false, error: 'Conflict' }, 'conflict'],
    [410, { success: false, error: 'Gone' }, 'not_found'],
    [415, { success: false, error: 'Feature not enabled' }, 'forbidden'],
    [422, { success: false, error: 'Webhooks limit reached' }, 'rejected'],
    [501, { success: false, error: 'Not implemented' }, 'rejected'],
  ])('a %i is told as one of our kinds, with the words and the number by which Pipedrive finds it', async (...row) => {
    const [status, body, kind] = row;
    const { crm, caller, seen } = await against((_request, response) => {
      const headers = { 'content-type': 'application/json', 'x-correlation-id': 'corr-1\u00ff<script>' };
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
    const failure = await crm.createProduct(caller, aProduct()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind, requestId: 'corr-1script' });
    if (kind !== 'not_found') expect(String(failure)).toContain(body.error);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['feature_capping_custom_fields_limit', 'no room for another custom field'],
    ['feature_capping_deals_limit', 'no room for another open deal'],
    ['feature_capping_anything', 'no room for more of this'],
  ])('tells %s of a full plan from a missing right', async (code, words) => {
    const { crm, caller } = await against(jsonAnswer({ success: false, error: 'Limit reached', code }, 403));
    const failure = await crm.createProduct(caller, aProduct()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'forbidden', code, message: expect.stringContaining(words) });
  });

  it('5.7 no. 12: a refusal that names a custom field tells which one', async () => {
    const field = 'ab'.repeat(20);
    const error = `Validation failed: custom_fields.${field}: field does not exist`;
    const { crm, caller } = await against(jsonAnswer({ success: false, error }, 400));
    await expect(crm.updateDealFields(caller, 7, { [field]: 'x' })).rejects.toMatchObject({ kind: 'rejected', field });
  });

  it('5.7 no. 16: a person that was merged is not found, and no redirect is followed to the other', async () => {
    const { crm, caller, seen } = await against((_request, response) => {
      response.writeHead(404, { location: '/api/v2/persons/8', 'content-type': 'application/json' });
      response.end(JSON.stringify({ success: false, error: 'Person not found', data: { merge_what_id: 8 } }));
    });
    await expect(crm.getPerson(caller, 7)).rejects.toMatchObject({ kind: 'not_found' });
    expect(seen).toHaveLength(1);
  });

  it('5.7 no. 17: names are carried as they are, and no control character reaches a message', async () => {
    const name = `${'x'.repeat(10_000)}\u0000\u202e<script>alert(1)</script>`;
    const { crm, caller } = await against((request, response) => {
      const refuse = request.url === '/api/v2/persons/8';
      const body = refuse ? { success: false, error: name } : { success: true, data: { id: 7, name } };
      jsonAnswer(body, refuse ? 400 : 200)(request, response);
    });
    await expect(crm.getPerson(caller, 7)).resolves.toMatchObject({ name });
    const failure = await crm.getPerson(caller, 8).catch((error: unknown) => error);
    expect(String(failure)).not.toMatch(/\p{C}/u);
    expect(String(failure).length).toBeLessThan(400);
  });

  const tokens = (api_domain: string) => ({
    access_token: 'v1u:new',
    refresh_token: 'new',
    token_type: 'Bearer',
    expires_in: 3_599,
    scope: 'base',
    api_domain,
  });

  it('5.7 no. 18: a 401 although the token was just refreshed is asked about once', async () => {
    const { crm, caller, seen } = await against((request, response) => {
      const answer = request.url?.startsWith('/oauth/') ? tokens(`http://${request.headers.host}`) : { success: false };
      jsonAnswer(answer, 'access_token' in answer ? 200 : 401)(request, response);
    });
    await expect(crm.getDeal(caller, 7)).rejects.toMatchObject({ kind: 'reauth_required' });
    expect(seen.map(({ url }) => url.replace(/\?.*/, ''))).toEqual([
      '/api/v2/deals/7',
      '/oauth/token',
      '/api/v2/deals/7',
    ]);
  });

  it.each([301, 302, 308])(
    '5.7 no. 20: a %i of a renamed company gets no token; its new host is asked for',
    async (code) => {
      const { crm, caller, seen } = await against((request, response) => {
        if (request.url?.startsWith('/oauth/'))
          return void jsonAnswer(tokens(`http://${request.headers.host}`))(request, response);
        const renewed = request.headers.authorization === 'Bearer v1u:new';
        if (renewed) return void jsonAnswer({ success: true, data: DEAL })(request, response);
        response.writeHead(code, { location: 'http://127.0.0.1:1/stolen' }).end();
      });
      await expect(crm.getDeal(caller, 7)).resolves.toMatchObject({ id: 7 });
      expect(seen).toHaveLength(3);
    },
  );

  it('F39: lines that were said to be added and were not are missing from what is read afterwards', async () => {
    const { crm, caller, seen } = await against((request, response) => {
      const added = Array.from({ length: 6 }, (_, index) => ({ id: index + 1 }));
      const data = request.method === 'POST' ? added : [];
      jsonAnswer({ success: true, data }, request.method === 'POST' ? 201 : 200)(request, response);
    });
    const line = { productId: 3, unitPrice: '10', quantity: '1' };
    await expect(
      crm.addDealLines(
        caller,
        7,
        Array.from({ length: 6 }, () => line),
      ),
    ).resolves.toEqual([]);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('F20: what is new in an answer is passed over, what is gone is empty, and a changed type is refused', async () => {
    const { crm, caller } = await against((request, response) => {
      const changed = request.url === '/api/v2/deals/8' ? { title: { text: 'x' } } : { brand_new: { a: [1] } };
      jsonAnswer({ success: true, data: { ...DEAL, ...changed }, new_envelope: 1 })(request, response);
    });
    await expect(crm.getDeal(caller, 7)).resolves.toMatchObject({ id: 7, organizationId: null, customFields: {} });
    await expect(crm.getDeal(caller, 8)).rejects.toMatchObject({ kind: 'rejected', code: 'unreadable_answer' });
  });

  it('SY-12: a field is cleared by null, never by an empty list or text', async () => {
    const { crm, caller, seen } = await against(jsonAnswer({ success: true, data: { id: 7 } }));
    const [set = '', text = '', kept = '', option = '', money = '', day = ''] = [...'abcdef'].map((c) => c.repeat(40));
    const value = { value: 10.5, currency: 'EUR' };
    const fields = { [kept]: [1, 2], [option]: 31, [money]: value, [day]: null };
    await crm.updateDealFields(caller, 7, { [set]: [], [text]: '', ...fields });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ custom_fields: { [set]: null, [text]: null, ...fields } });
  });

  it('gives up in the caller time, and says unknown only where a creating call was under way', async () => {
    const { crm, caller, seen } = await against(() => undefined);
    const soon = () => ({ ...caller, signal: AbortSignal.timeout(50) });
    await expect(crm.getDeal(soon(), 7)).rejects.toBeInstanceOf(UnavailableError);
    await expect(crm.createProduct(soon(), aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
    const late = { ...caller, signal: AbortSignal.abort() };
    await expect(crm.createProduct(late, aProduct())).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(2);
  });
});

function aProduct() {
  return { name: 'Desk', code: 'D-1', unit: null, prices: [{ currency: 'EUR', price: '12.50' }], active: true };
}
