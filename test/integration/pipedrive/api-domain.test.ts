import { describe, expect, it } from 'vitest';
import { ReauthRequiredError, UnavailableError } from '../../../server/kernel/errors.ts';
import { jsonAnswer, startRaw } from './raw-server.ts';

/** `{HOST}` is a server that really listens, so that a request to it would be seen. */
const HOSTILE = [
  'https://evil.com',
  'https://a.pipedrive.com.evil.com',
  'https://pipedrive.com@evil.com',
  'https://acme.pipedrive.com@{HOST}',
  'https://acme.pipedrive.com:443@{HOST}',
  'http://acme.pipedrive.com',
  'https://acme.pipedrive.com.',
  'https://acme.pipedrive.com:443',
  'https://acme.pipedrive.com:8443',
  'https://acme.pipedrive.com/',
  'https://acme.pipedrive.com/path',
  'https://acme.pipedrive.com?x=1',
  'https://acme.pipedrive.com#x',
  'https://acme.pipedrive.com\\@{HOST}',
  'https://{HOST}\\.pipedrive.com',
  'https://{HOST}/.pipedrive.com',
  'https://{HOST}?.pipedrive.com',
  'https://{HOST}#.pipedrive.com',
  'https://user:password@acme.pipedrive.com',
  'https://pipedrive.com',
  'https://.pipedrive.com',
  'https://a.b.pipedrive.com',
  'https://acmepipedrive.com',
  'https://acme-pipedrive.com',
  'https://acme.pipedriveXcom',
  'https://ACME.pipedrive.com',
  'https://-acme.pipedrive.com',
  'https://acme-.pipedrive.com',
  'https://ac_me.pipedrive.com',
  'https://acmé.pipedrive.com',
  'https://acme。pipedrive.com',
  'https://acme.pipedrive.com\n',
  'https://acme.pipedrive.com\n.evil.com',
  ' https://acme.pipedrive.com',
  'https://acme.pipedrive.com ',
  'https:/acme.pipedrive.com',
  'https:acme.pipedrive.com',
  '//acme.pipedrive.com',
  'acme.pipedrive.com',
  'ftp://acme.pipedrive.com',
  'javascript:alert(1)//.pipedrive.com',
  'http://{HOST}',
  'http://127.0.0.1:80',
  'http://169.254.169.254',
  'http://[::1]:80',
  `https://${'a'.repeat(64)}.pipedrive.com`,
  'https://%61cme.pipedrive.com',
  '',
];

const tokens = (apiDomain: string) => ({
  access_token: 'a-new-access-token',
  refresh_token: 'a-new-refresh-token',
  expires_in: 3599,
  scope: 'base',
  api_domain: apiDomain,
});

const me = (companyId: string) => ({
  id: 1,
  name: 'Ada Admin',
  email: 'ada@example.com',
  active_flag: true,
  is_admin: 1,
  company_id: Number(companyId),
  company_name: 'Acme GmbH',
  company_domain: 'acme',
});

describe('SE-17: tokens go to the company host alone', () => {
  it.each(HOSTILE)('never to a stored %j', async (hostile) => {
    const trap = await startRaw(jsonAnswer({ success: true, data: { id: 1 } }));
    const raw = await startRaw(jsonAnswer({}), { apiDomain: hostile.replace('{HOST}', trap.host) });
    await expect(raw.crm.getDeal(raw.caller, 1)).rejects.toBeInstanceOf(UnavailableError);
    expect([...trap.seen, ...raw.seen]).toEqual([]);
    await Promise.all([trap.close(), raw.close()]);
  });

  it.each(HOSTILE)('and a token answer with %j is not used at all', async (hostile) => {
    const trap = await startRaw(jsonAnswer({ success: true, data: { id: 1 } }));
    const apiDomain = hostile.replace('{HOST}', trap.host);
    const raw = await startRaw((request, response) =>
      jsonAnswer(request.url === '/oauth/token' ? tokens(apiDomain) : {}, request.url === '/oauth/token' ? 200 : 401)(
        request,
        response,
      ),
    );
    const signal = AbortSignal.timeout(10_000);
    await expect(raw.oauth.exchangeCode('code', 'http://localhost/', signal)).rejects.toBeInstanceOf(UnavailableError);
    await expect(raw.oauth.identify(apiDomain, 'token', signal)).rejects.toBeInstanceOf(UnavailableError);
    // A call whose token is refused brings the hostile answer as a refresh.
    await expect(raw.crm.getDeal(raw.caller, 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(trap.seen).toEqual([]);
    expect(raw.seen.map(({ url }) => url)).toEqual(['/oauth/token', '/api/v2/deals/1', '/oauth/token']);
    await Promise.all([trap.close(), raw.close()]);
  });

  it('follows a company that was renamed, by a new token answer and never by the redirect', async () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(40);
    const deal = { id: 1, title: 'Deal', status: 'open', currency: 'EUR', value: 1 };
    const trap = await startRaw(jsonAnswer({}));
    const moved = await startRaw((request, response) =>
      jsonAnswer({ success: true, data: request.url === '/api/v1/users/me' ? me('501') : deal })(request, response),
    );
    const old = await startRaw(
      (request, response) => {
        if (request.url === '/oauth/token') jsonAnswer(tokens(`http://${moved.host}`))(request, response);
        else response.writeHead(301, { location: `http://${trap.host}${request.url}` }).end();
      },
      { alsoLocal: [moved.host] },
    );
    await expect(old.crm.getDeal(old.caller, 1)).resolves.toMatchObject({ id: 1 });
    // The new host is believed only after it has said which company it is.
    expect(moved.seen.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/api/v1/users/me', 'Bearer a-new-access-token'],
      ['/api/v2/deals/1', 'Bearer a-new-access-token'],
    ]);
    expect(old.grants.get(1)?.apiDomain).toBe(`http://${moved.host}`);
    expect(trap.seen).toEqual([]);
    await Promise.all([trap.close(), moved.close(), old.close()]);
  });

  it('5.2.17 asks a new host nothing but which company it is, when that is another one', async () => {
    const other = await startRaw(jsonAnswer({ success: true, data: me('999') }));
    const old = await startRaw(
      (request, response) =>
        jsonAnswer(
          request.url === '/oauth/token' ? tokens(`http://${other.host}`) : {},
          request.url === '/oauth/token' ? 200 : 401,
        )(request, response),
      { alsoLocal: [other.host] },
    );
    for (let call = 0; call < 2; call += 1)
      await expect(old.crm.getDeal(old.caller, 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(other.seen.map(({ url }) => url)).toEqual(['/api/v1/users/me']);
    expect(old.grants.refused).toEqual(new Set([1]));
    await Promise.all([other.close(), old.close()]);
  });

  it('waits with everything else while a new host cannot say which company it is', async () => {
    const silent = await startRaw(jsonAnswer({}, 503));
    const old = await startRaw(
      (request, response) =>
        jsonAnswer(
          request.url === '/oauth/token' ? tokens(`http://${silent.host}`) : {},
          request.url === '/oauth/token' ? 200 : 401,
        )(request, response),
      { alsoLocal: [silent.host] },
    );
    await expect(old.crm.getDeal(old.caller, 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(new Set(silent.seen.map(({ url }) => url))).toEqual(new Set(['/api/v1/users/me']));
    expect(old.grants.refused.size).toBe(0);
    await Promise.all([silent.close(), old.close()]);
  });
});
