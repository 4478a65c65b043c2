import { afterEach, describe, expect, it } from 'vitest';
import type { StoredErpAccess } from '../../server/app/ports/erp-access.ts';
import { createSecret } from '../../server/secrets/secret.ts';
import { checksNamedUnder } from '../contract/named-checks.ts';
import { type Result, runSuite } from '../contract/run-suite.ts';
import { ALL_CHECKS, LEFT_OUT } from '../contract/sap/all-checks.ts';
import { contractSap } from '../contract/sap/command.ts';
import { isInTheWay } from '../contract/sap/in-the-way.ts';
import { openScene } from '../contract/sap/open-scene.ts';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { createPracticeClock } from '../practice/kernel/clock.ts';
import { createRandom } from '../practice/kernel/random.ts';
import type { PracticeSap } from '../practice/sap/start.ts';
import { startPracticeSap } from '../practice/sap/start.ts';
import { pinnedTo } from '../support/trust.ts';

const TODAY = '2026-03-04';
const COMPANY = 'NORDLICHT';
const DATA = buildCompanyData({ seed: 7, partners: 60, items: 90, orders: 12, invoices: 80, today: TODAY, rich: true });
/** More would tire a customer's server. */
const MOST_REQUESTS = 350;

const STUMBLES = ['session_lost', 'switch_company_305', 'html_502_before', 'drop_before'] as const;

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close();
});

async function startSap(version: 'v1' | 'v2' | 'both'): Promise<PracticeSap> {
  const clock = createPracticeClock({ start: Date.parse(`${TODAY}T09:00:00Z`), frozen: true });
  const sap = await startPracticeSap({ clock, version });
  const office = sap.addCompany(COMPANY, DATA);
  office.addUserField({ TableName: 'ORDR', Name: 'PD_Key', Description: 'Pipedrive key', EditSize: 64 });
  running.push(sap);
  return sap;
}

const accessTo = (sap: PracticeSap, path: '/b1s/v1' | '/b1s/v2'): StoredErpAccess => ({
  address: `${sap.url}${path}`,
  companyDb: COMPANY,
  userName: 'manager',
  password: createSecret('manager'),
  trust: pinnedTo(sap.certificatePem),
  proxy: null,
  localCurrency: 'EUR',
  timeZone: 'Europe/Berlin',
  version: '1',
  refusedPasswords: 0,
});

/** The whole suite against that server. @param beforehand plants faults once both are signed in */
async function runAgainst(
  sap: PracticeSap,
  path: '/b1s/v1' | '/b1s/v2',
  { write = true, beforehand }: { readonly write?: boolean; readonly beforehand?: () => void } = {},
) {
  const random = createRandom(5);
  const opened = await openScene(accessTo(sap, path), {
    network: 'loopback',
    signal: new AbortController().signal,
    deps: {
      clock: { now: () => new Date(`${TODAY}T09:00:00Z`) },
      random: () => random.next(),
      sleep: async () => undefined,
    },
  });
  beforehand?.();
  const results = await runSuite(ALL_CHECKS, opened.scene, { write, isInTheWay }).finally(() => opened.close());
  return { results, left: opened.scene.left, requests: sap.log.all().length };
}

const told = (results: readonly Result[], outcome: Result['outcome']): string[] =>
  results.filter((result) => result.outcome === outcome).map(({ name, words }) => `${name}: ${words}`);

describe('the SAP contract suite', () => {
  it('has a check, or a reason to have none, for every call of the client, and no name twice', async () => {
    const sap = await startSap('both');
    const { scene, close } = await openScene(accessTo(sap, '/b1s/v2'), {
      network: 'loopback',
      signal: new AbortController().signal,
    });
    running.push({ close });
    const calls = Object.keys(scene.erp).filter((name) => name !== 'close' && name !== 'closeAll');
    const covered = new Set<string>([...ALL_CHECKS.flatMap(({ covers = [] }) => covers), ...Object.keys(LEFT_OUT)]);
    expect(calls.filter((name) => !covered.has(name))).toEqual([]);
    const names = ALL_CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every check that the list for sandboxes names', async () => {
    const named = await checksNamedUnder('On a real SAP system');
    const known = new Set(ALL_CHECKS.map(({ name }) => name));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ['v2', 'both', '/b1s/v2'],
    ['v1', 'both', '/b1s/v1'],
    ['v1 where a server has only that', 'v1', '/b1s/v2'],
  ] as const)('holds against the practice company on %s, writing too', async (_name, version, path) => {
    const sap = await startSap(version);
    const { results, left, requests } = await runAgainst(sap, path);
    expect(told(results, 'differs')).toEqual([]);
    expect(told(results, 'not_asked').map((line) => line.split(':')[0])).toEqual(['write.ledger']);
    expect(requests).toBeLessThan(MOST_REQUESTS);
    const office = sap.company(COMPANY);
    const made = [
      ...office.rows('Orders').slice(DATA.orders.length),
      ...office.rows('Quotations').slice(DATA.quotations.length),
    ];
    expect(made.map((row) => row['DocumentStatus'])).toEqual(made.map(() => 'bost_Close'));
    expect(made).toHaveLength(left.length);
    expect(office.drafts()).toEqual([]);
  });

  it('asks as much of a company with its ledger table, and leaves its rows to be told', async () => {
    const sap = await startSap('both');
    sap.company(COMPANY).enter('UserTablesMD', {
      TableName: 'PD_LINK',
      TableDescription: 'Pipedrive documents',
      TableType: 'bott_NoObject',
    });
    const { results, left } = await runAgainst(sap, '/b1s/v2');
    expect(told(results, 'differs')).toEqual([]);
    expect(told(results, 'not_asked')).toEqual([]);
    expect(left.some((line) => line.includes('ledger'))).toBe(true);
  });

  it('changes nothing unless it is asked to write', async () => {
    const sap = await startSap('both');
    const { results, left } = await runAgainst(sap, '/b1s/v2', { write: false });
    expect(told(results, 'differs')).toEqual([]);
    const writes = ALL_CHECKS.filter(({ writes: makes }) => makes).map(
      ({ name }) => `${name}: It writes; run again with --write.`,
    );
    expect(told(results, 'not_asked')).toEqual(writes);
    expect(left).toEqual([]);
    const changing = sap.log
      .all()
      .filter(({ method, path }) => method !== 'GET' && /\/(Orders|Drafts|Quotations|User\w+MD)(\(|$)/.test(path));
    expect(changing).toEqual([]);
    expect(sap.sessions.count()).toBe(0);
  });

  it('finds the same while the server stumbles: lost sessions, busy companies, pages of a proxy, cut lines', async () => {
    const sap = await startSap('both');
    const planted: { hits(): number }[] = [];
    const stumble = () => {
      for (const [index, kind] of STUMBLES.entries())
        for (let turn = 0; turn < 3; turn += 1)
          planted.push(sap.faults.add({ kind, method: 'GET', skip: 20 + index * 9 + turn * 40 }));
      for (const [index, kind] of STUMBLES.entries())
        planted.push(sap.faults.add({ kind, method: 'POST', path: /^\$batch/, skip: index * 2 }));
    };
    const { results } = await runAgainst(sap, '/b1s/v2', { beforehand: stumble });
    expect(told(results, 'differs')).toEqual([]);
    expect(told(results, 'not_asked').map((line) => line.split(':')[0])).toEqual(['write.ledger']);
    expect(planted.filter((fault) => fault.hits() === 0)).toEqual([]);
  });

  it('says what differs on an odd server, and what a missing right stood in the way of', async () => {
    const sap = await startSap('both');
    const { settings } = sap.company(COMPANY);
    settings.pageSizes = 'always_20';
    settings.rejectsCollectionSelect = true;
    settings.missing = ['OrdersService_Preview', 'VatGroups'];
    settings.denies = (_method, resource) => resource === 'SalesPersons' || resource === 'PurchaseOrders';
    sap.server.hidesPing = true;
    const { results } = await runAgainst(sap, '/b1s/v2', { write: false });
    const named = (outcome: Result['outcome']) => told(results, outcome).map((line) => line.split(':')[0]);
    expect(named('differs')).toEqual(['query.page-size', 'query.collections', 'reference.tax']);
    expect(named('not_asked')).toEqual(
      expect.arrayContaining(['reference.sales-persons', 'reference.rights', 'items.receipts']),
    );
    expect(results.find(({ name }) => name === 'ping.clock')?.words).toBe('Hidden: answered with 404.');
  });
});

describe('npm run contract:sap', () => {
  async function command(args: readonly string[], env: Readonly<Record<string, string>>, stopAt = /^never$/) {
    const stop = new AbortController();
    const lines: string[] = [];
    const reports = new Map<string, string>();
    const code = await contractSap({
      args,
      env: { SAP_NETWORK: 'loopback', ...env },
      print(line) {
        lines.push(line);
        if (stopAt.test(line)) stop.abort();
      },
      saveReport: async (file, text) => void reports.set(file, text),
      signal: stop.signal,
    });
    return { code, text: lines.join('\n'), reports };
  }
  const SIGN_IN = { SAP_COMPANY_DB: COMPANY, SAP_USER: 'manager', SAP_PASSWORD: 'manager' };

  it('says what is missing, all at once, and sends nothing', async () => {
    const sap = await startSap('both');
    expect(await command([], SIGN_IN)).toMatchObject({ code: 2, text: expect.stringContaining('--url https') });
    const unset = await command(['--url', sap.url], {});
    expect(unset).toMatchObject({ code: 2, text: expect.stringContaining('SAP_COMPANY_DB, SAP_USER, SAP_PASSWORD') });
    expect(await command(['--password', 'x'], SIGN_IN)).toMatchObject({ code: 2 });
    expect(sap.log.all()).toEqual([]);
  });

  it('sends no password to a server whose certificate nobody has confirmed, or to another one', async () => {
    const sap = await startSap('both');
    const unknown = await command(['--url', sap.url], SIGN_IN);
    expect(unknown).toMatchObject({ code: 2, text: expect.stringContaining(`SAP_FINGERPRINT=${sap.fingerprint256}`) });
    const other = await command(['--url', sap.url], { ...SIGN_IN, SAP_FINGERPRINT: 'AA:'.repeat(32) });
    expect(other).toMatchObject({ code: 2, text: expect.stringContaining('Nothing was sent.') });
    expect(sap.log.all()).toEqual([]);
  });

  it('reports a refused sign-in in one sentence, without the password', async () => {
    const sap = await startSap('both');
    const env = { ...SIGN_IN, SAP_PASSWORD: 'not-the-password', SAP_FINGERPRINT: sap.fingerprint256 };
    const { code, text } = await command(['--url', sap.url], env);
    expect(code).toBe(2);
    expect(text).not.toContain('not-the-password');
    expect(sap.log.all().filter(({ path }) => path.endsWith('/Login'))).toHaveLength(1);
  });

  it('prints each result, counts them, writes the report, and ends with 1 where something differs', async () => {
    const sap = await startSap('both');
    sap.company(COMPANY).settings.rejectsCollectionSelect = true;
    const env = { ...SIGN_IN, SAP_FINGERPRINT: sap.fingerprint256.replaceAll(':', '').toLowerCase() };
    const { code, text, reports } = await command(['--url', sap.url, '--report', 'r.json'], env);
    expect(code).toBe(1);
    expect(text).toMatch(/^DIFFERS +query\.collections/m);
    expect(text).toMatch(/^\d+ hold, 1 differ, \d+ could not be asked\.$/m);
    expect(JSON.parse(reports.get('r.json') ?? '')).toMatchObject({ address: `${sap.url}/b1s/v2`, left: [] });
  });

  it('stopped by hand, it ends what it is at and asks nothing more', async () => {
    const sap = await startSap('both');
    const env = { ...SIGN_IN, SAP_FINGERPRINT: sap.fingerprint256 };
    const { code, text } = await command(['--url', sap.url, '--write'], env, /session\.sign-in/);
    expect(code).toBe(3);
    expect(text).toContain('Stopped by hand.');
    expect(text).toMatch(/ 0 differ,/);
    expect(sap.company(COMPANY).drafts()).toEqual([]);
  });
});
