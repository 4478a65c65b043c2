import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { InvalidInputError, UnavailableError } from '../../../server/kernel/errors.ts';
import { IDENTITY, TOKENS } from './fake-use-cases.ts';
import { CLIENT_SECRET, type StartedHttp, startHttp } from './start-http.ts';

const MINUTE = 60_000;

/** A browser that has been sent to Pipedrive: its cookie and the state it carries. */
async function begin({ app }: StartedHttp, cookie?: string): Promise<{ cookie: string; state: string; location: URL }> {
  const start = request(app).get('/oauth/install');
  if (cookie !== undefined) start.set('Cookie', cookie);
  const answer = await start.expect(302);
  const location = new URL(String(answer.headers['location']));
  const [set = ''] = answer.get('Set-Cookie') ?? [];
  return { cookie: set.split(';')[0] ?? '', state: location.searchParams.get('state') ?? '', location };
}

const callback = ({ app }: StartedHttp, query: string, cookie?: string) => {
  const call = request(app).get(`/oauth/callback${query}`);
  return cookie === undefined ? call : call.set('Cookie', cookie);
};

describe('GET /oauth/install', () => {
  it('SE-16 sends the browser to Pipedrive with a state of 256 bits and a cookie that only this site reads', async () => {
    const http = startHttp();
    const answer = await request(http.app).get('/oauth/install').expect(302);
    const location = new URL(String(answer.headers['location']));
    expect(location.origin + location.pathname).toBe('https://oauth.pipedrive.com/oauth/authorize');
    expect(Object.fromEntries(location.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://app.example.com/oauth/callback',
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie = ''] = answer.get('Set-Cookie') ?? [];
    expect(cookie).toMatch(
      /^__Host-orderline-install=[\w-]{43}; Max-Age=600; Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(cookie).not.toContain(location.searchParams.get('state'));
  });

  it('names the cookie without __Host- on plain http, where browsers do not take that name', async () => {
    const http = startHttp({ settings: { publicUrl: 'http://localhost:3000' } });
    const answer = await request(http.app).get('/oauth/install').expect(302);
    const [cookie = ''] = answer.get('Set-Cookie') ?? [];
    expect(cookie).toMatch(/^orderline-install=[\w-]{43};/);
    expect(cookie).not.toContain('Secure');
  });

  it('SE-36 slows down one address, and says when to come back', async () => {
    const http = startHttp({ limits: { install: { burst: 2, perMinute: 6 } } });
    await request(http.app).get('/oauth/install').expect(302);
    await request(http.app).get('/oauth/install').expect(302);
    const refused = await request(http.app).get('/oauth/install').expect(429);
    expect(refused.headers['retry-after']).toBe('10');
    http.clock.advance(10_000);
    await request(http.app).get('/oauth/install').expect(302);
  });

  it('SE-37 counts by the socket’s address, not by what a stranger forwards', async () => {
    const http = startHttp({ limits: { install: { burst: 1, perMinute: 1 } } });
    await request(http.app).get('/oauth/install').set('X-Forwarded-For', '203.0.113.1').expect(302);
    await request(http.app).get('/oauth/install').set('X-Forwarded-For', '203.0.113.2').expect(429);
  });
});

describe('GET /oauth/callback', () => {
  it('exchanges the code, asks who it is, and leads on to the settings page in Pipedrive', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    const answer = await callback(http, `?code=abc&state=${state}`, cookie).expect(302);
    expect(answer.headers['location']).toBe(
      'https://acme.pipedrive.com/settings/marketplace/app/client-1/app-settings',
    );
    expect(http.fakes.exchanged).toEqual([{ code: 'abc', redirectUri: 'https://app.example.com/oauth/callback' }]);
    expect(http.fakes.completed).toEqual([{ tokens: TOKENS, identity: IDENTITY }]);
  });

  it('SE-16 takes who it is from Pipedrive, never from the query', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    await callback(http, `?code=abc&state=${state}&companyId=1&userId=1`, cookie).expect(302);
    expect(http.fakes.completed[0]?.identity).toEqual(IDENTITY);
  });

  it.each(['', '?code=abc', '?code=abc&companyId=4711', '?code='.concat('x'.repeat(4000))])(
    'SE-16 sends a callback without our state back to the start: %s',
    async (query) => {
      const http = startHttp();
      const { cookie } = await begin(http);
      const answer = await callback(http, query, cookie).expect(302);
      expect(answer.headers['location']).toBe('/oauth/install');
      expect(http.fakes.exchanged).toEqual([]);
    },
  );

  it('SE-16 refuses the state of another browser, and uses it up', async () => {
    const http = startHttp();
    const victim = await begin(http);
    const attacker = await begin(http);
    const answer = await callback(http, `?code=abc&state=${attacker.state}`, victim.cookie).expect(400);
    expect(answer.text).toContain('in the browser in which it was started');
    await callback(http, `?code=abc&state=${attacker.state}`, attacker.cookie).expect(400);
    await callback(http, `?code=abc&state=${victim.state}`).expect(400);
    expect(http.fakes.exchanged).toEqual([]);
  });

  it('SE-16 takes a state once', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    await callback(http, `?code=abc&state=${state}`, cookie).expect(302);
    const again = await callback(http, `?code=abc&state=${state}`, cookie).expect(400);
    expect(again.text).toContain('/oauth/install');
    expect(http.fakes.completed).toHaveLength(1);
  });

  it('SE-16 takes one of two callbacks that come at once', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    const answers = await Promise.all([1, 2].map(() => callback(http, `?code=abc&state=${state}`, cookie)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([302, 400]);
    expect(http.fakes.completed).toHaveLength(1);
  });

  it('lets two tabs of one browser install side by side', async () => {
    const http = startHttp();
    const first = await begin(http);
    const second = await begin(http, first.cookie);
    expect(second.cookie).toBe(first.cookie);
    await callback(http, `?code=a&state=${first.state}`, first.cookie).expect(302);
    await callback(http, `?code=b&state=${second.state}`, first.cookie).expect(302);
    expect(http.fakes.exchanged.map(({ code }) => code)).toEqual(['a', 'b']);
  });

  it('keeps installs of several browsers apart that are under way at once', async () => {
    const http = startHttp();
    const browsers = await Promise.all(['ada', 'bob', 'eve'].map(async (name) => ({ name, ...(await begin(http)) })));
    let allArrived: () => void = () => undefined;
    const everybodyIsHere = new Promise<void>((resolve) => {
      allArrived = resolve;
    });
    let arrived = 0;
    Object.assign(http.fakes.useCases, {
      oauth: {
        async exchangeCode(code: string) {
          arrived += 1;
          if (arrived === browsers.length) allArrived();
          await everybodyIsHere;
          return { ...TOKENS, accessToken: code };
        },
        identify: async (_domain: string, accessToken: string) => ({ ...IDENTITY, userName: accessToken }),
      },
      completeInstall: async (_tokens: unknown, { userName }: { userName: string }) => ({
        redirectTo: `/for/${userName}`,
      }),
    });
    const again = startHttp({ useCases: http.fakes.useCases });
    const answers = await Promise.all(
      browsers.map(({ name, cookie, state }) => callback(again, `?code=${name}&state=${state}`, cookie)),
    );
    expect(answers.map((answer) => answer.headers['location'])).toEqual(['/for/ada', '/for/bob', '/for/eve']);
  });

  it('SE-16 refuses a state after ten minutes', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    http.clock.advance(11 * MINUTE);
    const answer = await callback(http, `?code=abc&state=${state}`, cookie).expect(400);
    expect(answer.text).toContain('ten minutes');
  });

  it.each(['upper', 'padded', 'longer'])('SE-16 refuses a state that was changed: %s', async (change) => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    const swapped = [...state].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('');
    const changed = { upper: swapped, padded: `${state}=`, longer: `${state}A` }[change];
    await callback(http, `?code=abc&state=${changed}`, cookie).expect(400);
    expect(http.fakes.exchanged).toEqual([]);
  });

  it.each([
    '?error=access_denied',
    '?error=user_denied&code=abc',
    '?error=access_denied&code=abc&state=STATE',
    '?error=',
  ])('shows one sentence and a way on after a decline: %s', async (query) => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    const answer = await callback(http, query.replace('STATE', state), cookie).expect(200);
    expect(answer.type).toBe('text/html');
    expect(answer.text).toContain('<a class="action" href="/oauth/install">Try again</a>');
    expect(http.fakes.exchanged).toEqual([]);
  });

  it('never shows what came in the query', async () => {
    const http = startHttp();
    const answer = await callback(http, '?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=%3Cb%3E');
    expect(answer.text).not.toContain('script>');
    expect(answer.text).not.toContain('<b>');
  });

  it.each([
    'code[]=a&code[]=b&state=STATE',
    'code=a&code=b&state=STATE',
    'code[x]=1&state=STATE',
    'code=a&state=STATE&state=other',
    'code=a&state[]=STATE',
    'code=a&state[x]=STATE',
    'error[x]=1&code=a&state=STATE',
    'state=STATE',
    `code=${'x'.repeat(10_000)}&state=STATE`,
    `code=a&state=${'x'.repeat(1_000)}`,
    'code=&state=STATE',
  ])('SE-16 refuses a query that Pipedrive does not send: %.60s', async (query) => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    const answer = await callback(http, `?${query.replaceAll('STATE', state)}`, cookie);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Try again');
    expect(http.fakes.exchanged).toEqual([]);
  });

  it.each([
    ['exchange', new InvalidInputError([{ code: 'bad_code', message: 'Pipedrive did not take the code.' }]), 400],
    // What fails in Pipedrive is no outage of ours; what fails here is one.
    ['exchange', new UnavailableError('Pipedrive did not answer.'), 424],
    ['identify', new UnavailableError('Pipedrive did not answer.'), 424],
    ['complete', new UnavailableError('The database did not answer.'), 503],
  ] as const)('SE-19 shows a page when %s fails, and keeps nothing', async (place, error, status) => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    http.fakes.fail[place] = error;
    const answer = await callback(http, `?code=abc&state=${state}`, cookie).expect(status);
    expect(answer.text).toContain(error.message);
    expect(answer.text).toContain('Try again');
    expect(answer.text).toContain(String(answer.headers['x-request-id']));
    expect(http.fakes.completed).toEqual([]);
    const reason = place === 'complete' ? error.kind : `pipedrive_${error.kind}`;
    expect(http.log.at(-1)).toMatchObject({ message: 'request', fields: { status, reason } });
  });

  it('5.2 keeps why a callback was refused, shows its number to the person, and no value to the log', async () => {
    const http = startHttp();
    const own = await begin(http);
    const other = await begin(http);
    const late = await begin(http, own.cookie);
    const refusals: readonly (readonly [string, string])[] = [
      [`?code=abc&state=${other.state}`, 'state_other_browser'],
      [`?code=abc&state=${other.state}`, 'state_used'],
      [`?code=a&code=b&state=${own.state}`, 'callback_unreadable'],
      [`?state=${own.state}`, 'code_missing'],
      ['?error=access_denied', 'declined'],
      ['?code=abc', 'state_missing'],
    ];
    const expectReason = async (query: string, reason: string) => {
      const answer = await callback(http, query, own.cookie);
      expect(http.log.at(-1)).toMatchObject({ message: 'request', fields: { status: answer.status, reason } });
      if (answer.status !== 302) expect(answer.text).toContain(String(answer.headers['x-request-id']));
    };
    for (const [query, reason] of refusals) await expectReason(query, reason);
    http.clock.advance(11 * MINUTE);
    await expectReason(`?code=abc&state=${late.state}`, 'state_expired');
    for (const secret of [own.state, other.state, 'access_denied'])
      expect(JSON.stringify(http.log)).not.toContain(secret);
  });

  it('SE-35 shows nothing of a defect, and logs it', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    http.fakes.fail.exchange = new Error(`select * from grants where secret = '${CLIENT_SECRET}'`);
    const answer = await callback(http, `?code=abc&state=${state}`, cookie).expect(500);
    expect(answer.text).not.toContain('grants');
    expect(answer.text).toContain(String(answer.headers['x-request-id']));
    expect(http.log.filter((entry) => entry.level === 'error')).toHaveLength(1);
  });

  it('SE-34 writes neither code nor state nor cookie to the log', async () => {
    const http = startHttp();
    const { cookie, state } = await begin(http);
    await callback(http, `?code=code-canary&state=${state}`, cookie);
    const written = JSON.stringify(http.log);
    for (const secret of ['code-canary', state, cookie.split('=')[1] ?? '-']) expect(written).not.toContain(secret);
    expect(http.log.map((entry) => entry.fields?.['route'])).toEqual(['/oauth/install', '/oauth/callback']);
  });
});
