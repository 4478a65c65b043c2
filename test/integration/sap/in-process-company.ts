import type { SapCompany } from '../../../server/sap/company.ts';
import { V1, V2 } from '../../../server/sap/dialect.ts';
import { failureOf } from '../../../server/sap/errors.ts';
import type { HttpAnswer } from '../../../server/sap/exchange.ts';
import { createMemory } from '../../../server/sap/memory.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import { createPracticeClock, type MovablePracticeClock } from '../../practice/kernel/clock.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import { createCompany } from '../../practice/sap/company/company.ts';
import type { Company } from '../../practice/sap/company/model.ts';
import type { CompanySettings } from '../../practice/sap/company/settings.ts';
import { V1 as PRACTICE_V1, V2 as PRACTICE_V2 } from '../../practice/sap/dialects.ts';
import { serve } from '../../practice/sap/service.ts';

const DAY = '2026-03-04';
const DATA = buildCompanyData({ seed: 7, partners: 1, items: 1, orders: 0, invoices: 0, today: DAY });

export interface InProcessSap {
  readonly clock: MovablePracticeClock;
  /** The practice company itself: its tables may be written past all rules. */
  readonly books: Company;
  readonly company: SapCompany;
  /** Every path that was asked, query included. */
  readonly asked: string[];
}

export interface InProcessOptions {
  readonly settings?: Partial<CompanySettings>;
  readonly version?: 'v1' | 'v2';
  /** What the app's own clock says, in milliseconds; the practice clock's time unless given. */
  readonly appNow?: () => number;
  /** Called before each answer: what goes on in SAP meanwhile. */
  readonly meanwhile?: () => void;
}

/** Our resources against the practice company's own parser, filters and paging, without a wire: for very many requests. */
export function inProcessSap({
  settings = {},
  version = 'v2',
  appNow,
  meanwhile,
}: InProcessOptions = {}): InProcessSap {
  const clock = createPracticeClock({ start: Date.parse(`${DAY}T09:00:00Z`), frozen: true });
  const books = createCompany('IN_PROCESS', DATA, settings, clock);
  const scene = {
    company: books,
    dialect: version === 'v1' ? PRACTICE_V1 : PRACTICE_V2,
    origin: 'https://sap.example',
  };
  const asked: string[] = [];
  const now = () => new Date(appNow ? appNow() : clock.now());
  const random = createRandom(5);

  const company: SapCompany = {
    world: {
      clock: { now },
      random: () => random.next(),
      network: 'loopback',
      resolve: async () => [],
      sleep: async () => undefined,
      elapsed: () => 0,
      startTimer: () => () => undefined,
      authorities: undefined,
      extraPorts: [],
    },
    access: {
      address: 'https://sap.example:50000/b1s/v2',
      companyDb: 'IN_PROCESS',
      userName: 'manager',
      password: createSecret('manager'),
      trust: { kind: 'public' },
      proxy: null,
      localCurrency: 'EUR',
      timeZone: 'Europe/Berlin',
      version: '1',
      refusedPasswords: 0,
    },
    memory: createMemory({ now }),
    async read(build, parse) {
      meanwhile?.();
      const { method, target, headers = {}, body = '' } = build(version === 'v1' ? V1 : V2);
      asked.push(target);
      const cut = target.indexOf('?');
      const path = decodeURIComponent(cut < 0 ? target : target.slice(0, cut));
      const query = cut < 0 ? '' : target.slice(cut + 1);
      const answer = toAnswer(serve(scene, { method, path, query, headers, body }));
      if (answer.status >= 400) throw failureOf(answer, 'read', now());
      return parse(answer);
    },
    write: () => Promise.reject(new Error('nothing is written here')),
    look: () => Promise.reject(new Error('nothing lies beside it')),
  };
  return { clock, books, company, asked };
}

function toAnswer(response: { status: number; headers: Readonly<Record<string, string>>; body: string }): HttpAnswer {
  const headers = new Map(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status: response.status, header: (name) => headers.get(name), setCookies: [], body: response.body };
}
