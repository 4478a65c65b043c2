import { Agent, request } from 'node:https';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import type { MovablePracticeClock } from '../../practice/kernel/clock.ts';
import { createPracticeClock } from '../../practice/kernel/clock.ts';
import type { Fields } from '../../practice/kernel/json.ts';
import { isFields, parseJson, recordsOf } from '../../practice/kernel/json.ts';
import type { SapBackOffice } from '../../practice/sap/back-office.ts';
import type { PracticeSap, PracticeSapOptions } from '../../practice/sap/start.ts';
import { startPracticeSap } from '../../practice/sap/start.ts';

/** Midday in Berlin on an ordinary Tuesday, so that stamps are easy to foresee. */
export const NOON = Date.parse('2026-03-10T11:00:00Z');
export const TODAY = '2026-03-10';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as it came, compressed or not. */
  readonly raw: Buffer;
  /** {} where the body is no JSON object. */
  readonly body: Fields;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface SlClient {
  call(method: string, path: string, options?: CallOptions): Promise<RawAnswer>;
  login(company?: string): Promise<RawAnswer>;
  /** Rows of a list. */
  list(path: string, headers?: Readonly<Record<string, string>>): Promise<readonly Fields[]>;
}

/** A plain client that knows nothing but HTTPS: the certificate is trusted, cookies are kept by hand. */
export function createSlClient(sap: PracticeSap, root = '/b1s/v2'): SlClient {
  const agent = new Agent({ ca: sap.certificatePem });
  let cookie = '';

  function call(method: string, path: string, { body, headers = {}, signal }: CallOptions = {}): Promise<RawAnswer> {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const url = path.startsWith('/') ? `${sap.url}${path}` : `${sap.url}${root}/${path}`;
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          agent,
          headers: { ...(cookie === '' ? {} : { Cookie: cookie }), ...headers },
          ...(signal === undefined ? {} : { signal }),
        },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('error', reject);
          res.on('end', () => {
            const raw = Buffer.concat(chunks);
            const answer = raw.toString('utf8');
            const parsed = parseJson(answer);
            resolve({
              status: res.statusCode ?? 0,
              headers: res.headers,
              text: answer,
              raw,
              body: isFields(parsed) ? parsed : {},
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });
  }

  async function login(company = 'TEST'): Promise<RawAnswer> {
    const answer = await call('POST', 'Login', {
      body: { CompanyDB: company, UserName: 'manager', Password: 'manager' },
    });
    const cookies = answer.headers['set-cookie'];
    cookie = Array.isArray(cookies) ? cookies.map((line) => line.split(';')[0]).join('; ') : '';
    return answer;
  }

  async function list(path: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly Fields[]> {
    const answer = await call('GET', path, { headers });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    return recordsOf(answer.body, 'value');
  }

  return { call, login, list };
}

export interface World {
  readonly sap: PracticeSap;
  readonly clock: MovablePracticeClock;
  readonly office: SapBackOffice;
  readonly v2: SlClient;
  readonly v1: SlClient;
}

const small = buildCompanyData({
  seed: 7,
  partners: 60,
  items: 80,
  orders: 8,
  invoices: 200,
  today: TODAY,
  rich: true,
});

/** A practice SAP with one small company, TEST, a clock that stands still, and a signed-in client for each version. */
export async function openWorld(options: Partial<PracticeSapOptions> = {}): Promise<World> {
  const clock = createPracticeClock({ start: NOON, frozen: true });
  const sap = await startPracticeSap({ clock, companies: [{ name: 'TEST', data: small }], ...options });
  const v2 = createSlClient(sap);
  const v1 = createSlClient(sap, '/b1s/v1');
  await v2.login();
  await v1.login();
  return { sap, clock, office: sap.company('TEST'), v2, v1 };
}

/** A customer in euro that may buy, and an item in stock that may be sold. */
export function usualPair({ office }: World): { cardCode: string; itemCode: string } {
  const partner = office
    .rows('BusinessPartners')
    .find(
      (row) =>
        row['CardType'] === 'cCustomer' &&
        row['Currency'] === 'EUR' &&
        row['Frozen'] === 'tNO' &&
        row['DiscountPercent'] === 0,
    );
  const item = office
    .rows('Items')
    .find(
      (row) =>
        row['SalesItem'] === 'tYES' &&
        row['InventoryItem'] === 'tYES' &&
        row['Valid'] === 'tYES' &&
        String(row['ItemCode']).startsWith('ST-'),
    );
  return { cardCode: String(partner?.['CardCode']), itemCode: String(item?.['ItemCode']) };
}

/** Code and text of an error in either dialect. */
export function errorOf(answer: RawAnswer): { code: unknown; message: unknown } {
  const error = answer.body['error'];
  if (!isFields(error)) return { code: undefined, message: answer.text };
  const message = error['message'];
  return { code: error['code'], message: isFields(message) ? message['value'] : message };
}

export const filterPath = (set: string, filter: string, more = ''): string =>
  `${set}?$filter=${encodeURIComponent(filter)}${more}`;
