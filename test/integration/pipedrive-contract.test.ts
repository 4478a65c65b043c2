import { afterEach, describe, expect, it } from 'vitest';
import { OPERATION_LIST } from '../../server/pipedrive/operation-list.ts';
import { checksNamedUnder } from '../contract/named-checks.ts';
import { ALL_CHECKS, LEFT_OUT } from '../contract/pipedrive/all-checks.ts';
import { isInTheWay } from '../contract/pipedrive/in-the-way.ts';
import { making } from '../contract/pipedrive/maker.ts';
import { openScene } from '../contract/pipedrive/open-scene.ts';
import type { SceneOptions } from '../contract/pipedrive/scene.ts';
import { type Result, runSuite } from '../contract/run-suite.ts';
import type { FaultKind } from '../practice/pipedrive/faults.ts';
import { DEFAULT_SCOPES } from '../practice/pipedrive/options.ts';
import { accessTo, inventory, operationOf, startContractTown } from '../support/contract-town.ts';
import type { Rig } from './practice-pipedrive/harness.ts';

const RECEIVER = 'http://127.0.0.1:9/hook';
/** Of the company's day, without --write (issue 4, point 8). */
const MOST_TOKENS = 1_500;
const MOST_REQUESTS = 200;

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.pipedrive.close();
});

async function startTown(...settings: Parameters<typeof startContractTown>): Promise<Rig> {
  const rig = await startContractTown(...settings);
  rigs.push(rig);
  return rig;
}

interface RunOptions extends Partial<SceneOptions> {
  readonly write?: boolean;
  readonly kind?: 'oauth' | 'api_token';
  readonly app?: null;
  readonly checks?: RegExp;
}

async function runAgainst(rig: Rig, options: RunOptions = {}) {
  const { write = true, kind, app, burst = false, receiver = RECEIVER, checks = /./ } = options;
  const access = await accessTo(rig, kind);
  const { scene, close } = await openScene(
    app === null ? { ...access, app } : access,
    { burst, receiver },
    {
      clock: { now: () => new Date(rig.clock.now()) },
      sleep: async (milliseconds) => rig.clock.advance(milliseconds),
      signal: new AbortController().signal,
    },
  );
  const results = await runSuite(
    ALL_CHECKS.filter(({ name }) => checks.test(name)),
    scene,
    { write, isInTheWay },
  ).finally(close);
  const { requests, tokens } = scene.spent;
  return { results, left: scene.left, requests, tokens };
}

const told = (results: readonly Result[], outcome: Result['outcome']): string[] =>
  results.filter((result) => result.outcome === outcome).map(({ name, words }) => `${name}: ${words}`);
const named = (results: readonly Result[], outcome: Result['outcome']) =>
  results.filter((result) => result.outcome === outcome).map(({ name }) => name);
const wordsOf = (results: readonly Result[], name: string) => results.find((result) => result.name === name)?.words;

const STUMBLES: readonly FaultKind[] = [
  { kind: 'rate_limit_burst' },
  { kind: 'status', status: 502, body: '<html>Bad gateway</html>' },
  { kind: 'drop_before' },
  { kind: 'status', status: 503 },
];

describe('the Pipedrive contract suite', () => {
  it('TE-04: has a check, or a reason to have none, for every call of the client, and no name twice', () => {
    const covered = new Set<string>([...ALL_CHECKS.flatMap(({ covers = [] }) => covers), ...Object.keys(LEFT_OUT)]);
    expect(Object.keys(OPERATION_LIST).filter((name) => !covered.has(name))).toEqual([]);
    const names = ALL_CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every check that the list for sandboxes names', async () => {
    const listed = await checksNamedUnder('In a real Pipedrive');
    const known = new Set(ALL_CHECKS.map(({ name }) => name));
    expect(listed.length).toBeGreaterThan(20);
    expect(listed.filter((name) => !known.has(name))).toEqual([]);
  });

  it('TE-04: holds against the practice company, writing too, sends every call it covers, and leaves nothing', async () => {
    const rig = await startTown();
    const before = inventory(rig);
    const { results, left, tokens } = await runAgainst(rig);
    expect(told(results, 'differs')).toEqual([]);
    expect(named(results, 'not_asked')).toEqual(['limits.burst']);
    expect(left).toEqual([]);
    expect(inventory(rig)).toEqual(before);
    expect(tokens).toBeGreaterThanOrEqual(rig.company.tokensSpent());
    const sent = new Set(
      rig.company
        .requests()
        .filter(({ client }) => client?.startsWith('Orderline/'))
        .map(operationOf),
    );
    const covered = ALL_CHECKS.flatMap(({ covers = [] }) => covers);
    expect(covered.filter((name) => !sent.has(name))).toEqual([]);
  });

  it('TE-04: changes nothing unless it is asked to write, at fewer than 1,500 tokens and 200 requests', async () => {
    const rig = await startTown();
    const before = inventory(rig);
    const { results, left, tokens, requests } = await runAgainst(rig, { write: false });
    expect(told(results, 'differs')).toEqual([]);
    const writes = ALL_CHECKS.filter(({ writes: makes }) => makes).map(({ name }) => name);
    expect(named(results, 'not_asked')).toEqual(['limits.burst', ...writes]);
    expect(left).toEqual([]);
    expect(inventory(rig)).toEqual(before);
    const asked = rig.company.requests();
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(tokens).toBeLessThan(MOST_TOKENS);
    expect(requests).toBeLessThan(MOST_REQUESTS);
    // What it says of itself is what the company counted, beside the forms of the token endpoint.
    expect(rig.company.tokensSpent()).toBeLessThanOrEqual(tokens);
    expect(asked.length).toBeLessThanOrEqual(requests);
  });

  it('holds with a personal token on the smallest plan', async () => {
    const rig = await startTown({ plan: 'lite', seats: 1 });
    const { results, left } = await runAgainst(rig, { kind: 'api_token', app: null, receiver: null });
    expect(told(results, 'differs')).toEqual([]);
    const tokens = ALL_CHECKS.map(({ name }) => name).filter((name) => name.startsWith('tokens.'));
    const missing = ['limits.burst', 'write.webhook', 'write.webhook-lines', ...tokens];
    expect(named(results, 'not_asked')).toEqual(missing);
    expect(left).toEqual([]);
    const bearers = rig.company.requests().filter(({ headers }) => headers['authorization'] !== undefined);
    expect(bearers).toHaveLength(1);
  });

  it('says where the company’s day is spent', async () => {
    const rig = await startTown({ plan: 'lite', seats: 1 });
    rig.company.spendAsOtherApp(30_000 - 60);
    const { results } = await runAgainst(rig, { write: false });
    expect(told(results, 'differs')).toEqual([]);
    expect(told(results, 'not_asked').join()).toContain('budget is spent');
  });

  it('finds the same while Pipedrive stumbles: full windows, pages of a gateway, cut lines', async () => {
    const rig = await startTown();
    const planted = STUMBLES.map((fault, at) =>
      rig.pipedrive.faults.add({ match: { method: 'GET', path: /^\/api\// }, fault, after: 12 + at * 25, times: 1 }),
    );
    const { results, left } = await runAgainst(rig);
    expect(told(results, 'differs')).toEqual([]);
    expect(named(results, 'not_asked')).toEqual(['limits.burst']);
    expect(left).toEqual([]);
    expect(planted.filter((fault) => fault.struck() === 0)).toEqual([]);
  });

  it('tells by name what may have been made without an answer, and what could not be removed', async () => {
    const rig = await startTown();
    rig.pipedrive.faults.add({
      match: { method: 'POST', path: /\/organizations$/ },
      fault: { kind: 'drop_after_commit' },
    });
    const stuck = { kind: 'status', status: 403, body: { success: false, error: 'No right' } } as const;
    rig.pipedrive.faults.add({ match: { method: 'DELETE', path: /\/persons\// }, fault: stuck });
    const { results, left } = await runAgainst(rig, { checks: /^write\.(organization|person)$/ });
    expect(told(results, 'differs')).toEqual([]);
    const organization = rig.company.organizations().find(({ name }) => name.startsWith('Orderline contract suite'));
    const person = rig.company.persons().find(({ name }) => name.startsWith('Orderline contract suite'));
    expect(left).toEqual([
      `organization “${organization?.name}”, perhaps: no answer came`,
      `person “${person?.name}”, id ${person?.id}`,
    ]);
  });

  it('tells by name what was made with an answer that does not say under which id', async () => {
    const rig = await startTown();
    for (const data of ['<html>', { title: 'no id' }]) {
      rig.pipedrive.faults.add({
        match: { method: 'POST', path: /\/deals$/ },
        fault: { kind: 'status_after_commit', status: 201, body: { success: true, data } },
      });
    }
    const { left } = await runAgainst(rig, { checks: /^write\.(notes|note-size)$/ });
    const deals = rig.company.deals().filter(({ title }) => title.startsWith('Orderline contract suite'));
    expect(deals).toHaveLength(2);
    expect(left).toEqual(deals.map(({ title }) => `deal “${title}”, perhaps: no answer came`));
  });

  it('says what differs in an odd Pipedrive, and holds where documents leave it open', async () => {
    const rig = await startTown();
    Object.assign(rig.company.state.switches, {
      patchResetsPrices: true,
      dealProductHooks: false,
      unknownFieldKeys: 'ignored',
      bulkLinesAtomic: true,
      archivedDealsAnswer: true,
    });
    rig.pipedrive.grants.rotateRefreshTokens = true;
    const { results, left } = await runAgainst(rig, { checks: /^(write|tokens)\./ });
    expect(named(results, 'differs')).toEqual(['write.product-prices', 'write.webhook-lines']);
    expect(left).toEqual([]);
    expect(wordsOf(results, 'write.unknown-field')).toBe('It is passed over.');
    expect(wordsOf(results, 'write.bulk-lines')).toContain('none is added');
    expect(wordsOf(results, 'write.archived')).toContain('answered 200');
    expect(wordsOf(results, 'tokens.rotation')).toContain('The refresh token changes; the first one is answered 400');
  });

  it('takes a right that is missing, and limits that are not told, for a question that could not be asked', async () => {
    const scopes = DEFAULT_SCOPES.filter((scope) => !scope.startsWith('webhooks'));
    const rig = await startTown({}, { scopes });
    Object.assign(rig.company.state.switches, { dailyHeaders: false, burstHeaders: false });
    const { results } = await runAgainst(rig, { write: false });
    expect(told(results, 'differs')).toEqual([]);
    expect(named(results, 'not_asked')).toEqual(
      expect.arrayContaining(['limits.window', 'limits.day', 'limits.price', 'webhooks.own', 'search.field-key']),
    );
  });

  it('SY-12: finds out where an answer holds what was not asked for', async () => {
    const rig = await startTown();
    const everything = JSON.stringify({
      success: true,
      data: rig.company.products().map(({ id, name }) => ({ id, name, update_time: '2026-01-01T00:00:00Z' })),
    });
    rig.pipedrive.faults.add({
      match: { path: /\/api\/v2\/products\?.*(ids|updated_since)=/ },
      fault: { kind: 'rewrite', answer: (answer) => ({ ...answer, body: everything }) },
      times: 99,
    });
    const { results } = await runAgainst(rig, { checks: /^query\./ });
    expect(named(results, 'differs')).toEqual(['query.since', 'query.ids']);
  });

  it('sends a wave of calls where that is asked for, and stops at the first refusal', async () => {
    const rig = await startTown({ plan: 'lite', seats: 5, burstLimit: 80 });
    const { results } = await runAgainst(rig, { burst: true, checks: /^limits\./ });
    expect(told(results, 'differs')).toEqual([]);
    expect(wordsOf(results, 'limits.burst')).toContain('JSON with success, error');
    const wave = rig.company.requests().filter(({ path }) => path.endsWith('/deals/2147483646'));
    expect(wave.length).toBeLessThanOrEqual(122);
    expect(wave.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  it('removes or lists all that a check has made, also after a mistake of ours in the middle of it', async () => {
    const rig = await startTown();
    const before = inventory(rig);
    const { scene, close } = await openScene(
      await accessTo(rig),
      { burst: false, receiver: null },
      {
        clock: { now: () => new Date(rig.clock.now()) },
        sleep: async (milliseconds) => rig.clock.advance(milliseconds),
        signal: new AbortController().signal,
      },
    );
    const ids: number[] = [];
    const once: typeof scene.raw.once = async (method, target, ...rest) => {
      if (method === 'DELETE' && target.endsWith(`/${ids.at(-1)}`)) throw new TypeError('a mistake of ours');
      return scene.raw.once(method, target, ...rest);
    };
    const check = making(async (_scene, { post }) => {
      for (let made = 0; made < 3; made += 1) ids.push(await post('product', (name) => ({ name })));
      return { outcome: 'holds', words: 'made' };
    });
    await expect(check({ ...scene, raw: { ...scene.raw, once } })).rejects.toThrow('a mistake of ours');
    await close();
    expect(scene.left).toEqual([expect.stringContaining(`id ${ids.at(-1)}`)]);
    const [, , products = []] = inventory(rig).records;
    expect(products).toEqual([...(before.records[2] ?? []), ids.at(-1)]);
  });
});
