import { ADMIN, COMPANY_DB, COMPANY_ID, type DemoWorld } from './practice-company.ts';

/** Does over HTTP what people do in their browsers. */
export interface Driver {
  install(userId: number): Promise<void>;
  /** Looks at the certificate, confirms it, signs in, agrees to the fields and turns the hand-off on. */
  setUp(): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the app are looked into freely; this side knows no types of it
  get(userId: number, path: string): Promise<any>;
}

export function createDriver(world: DemoWorld, url: string): Driver {
  async function call(method: string, userId: number, path: string, body?: object) {
    const token = world.pipedrive.signToken({ userId, companyId: COMPANY_ID });
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }
  const post = (path: string, body: object) => call('POST', ADMIN.id, path, body);

  return {
    get: (userId, path) => call('GET', userId, path),

    async install(userId) {
      const started = await fetch(`${url}/oauth/install`, { redirect: 'manual' });
      const cookie = started.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
      const callback = world.pipedrive.consent(started.headers.get('location') ?? '', {
        companyId: COMPANY_ID,
        userId,
      });
      const ended = await fetch(callback, { redirect: 'manual', headers: { cookie } });
      if (ended.status !== 302) throw new Error(`Installing was answered with ${ended.status}.`);
    },

    async setUp() {
      const address = world.sap.url;
      const { certificate } = await post('/api/settings/sap/certificate', { address });
      await post('/api/settings/sap/connection', {
        address,
        companyDb: COMPANY_DB,
        userName: world.sapUser,
        password: world.sapPassword,
        confirmedFingerprints: [certificate.fingerprint],
        pastedPem: null,
        proxy: null,
      });
      await post('/api/settings/consent', { crmFields: true, erpField: true });
      await post('/api/settings/handoff', { enabled: true });
    },
  };
}

/** Asks again and again until the answer is there. @throws {Error} when it takes too long */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${Math.round(limitMs / 1000)} seconds.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
