import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { nextLinkTo } from '../../practice/sap/bad-answers.ts';
import type { SlResponse } from '../../practice/sap/messages.ts';
import { connectErp, type Sap, startSap } from './sap-bench.ts';
import { makeIdentity, startTlsFake } from './tls-fake.ts';

/** SE-40: what stands in a link to the next page is a hint that there is one, and never an address. */
let bench: Sap;
let foreign: Awaited<ReturnType<typeof startTlsFake>>;
beforeAll(async () => {
  bench = await startSap();
  foreign = await startTlsFake(await makeIdentity(), (_heard, response) => response.end('{}'));
});
afterAll(async () => {
  await bench.close();
  await foreign.close();
});
afterEach(() => bench.sap.faults.clear());

const PARTNERS = /^\/?BusinessPartners\?/;
const codes = () =>
  bench.office
    .rows('BusinessPartners')
    .map((row) => String(row['CardCode']))
    .sort();

const HOSTILE: readonly ((own: string | undefined) => string)[] = [
  () => `${foreign.url}/b1s/v2/BusinessPartners?$skip=20`,
  () => `//127.0.0.1:${foreign.port}/b1s/v2/BusinessPartners?$skip=20`,
  () => `\\\\127.0.0.1:${foreign.port}\\b1s\\v2\\BusinessPartners`,
  () => `https:\\\\127.0.0.1:${foreign.port}/`,
  () => `https://sap.example@127.0.0.1:${foreign.port}/b1s/v2/BusinessPartners`,
  () => `@127.0.0.1:${foreign.port}/b1s/v2/BusinessPartners`,
  () => `http://127.0.0.1:${foreign.port}/b1s/v2/BusinessPartners`,
  () => `\thttps://127.0.0.1:${foreign.port}/`,
  () => `https://localhost:${foreign.port}/`,
  () => `https://[::1]:${foreign.port}/`,
  () => 'http://169.254.169.254/latest/meta-data/',
  () => 'https://metadata.google.internal/computeMetadata/v1/',
  () => 'file:///etc/passwd',
  () => 'gopher://127.0.0.1:25/',
  () => 'javascript:alert(1)',
  () => 'data:application/json,{"value":[]}',
  () => '',
  () => ' ',
  () => '?',
  () => '/',
  () => '../../../../Login',
  () => 'Logout',
  () => '$batch',
  () => 'BusinessPartners',
  () => 'BusinessPartners?$skip=0',
  () => 'BusinessPartners?$skip=-1',
  () => 'BusinessPartners?$skip=99999999999999999999',
  () => "BusinessPartners?$filter=CardCode ne '' or true&$skip=20",
  () => 'Users?$select=UserCode&$skip=20',
  (own) => `${own ?? 'BusinessPartners'}&$skip=0&x=\r\nHost: 127.0.0.1`,
];

it('there are thirty of them', () => {
  expect(HOSTILE).toHaveLength(30);
});

describe.each(HOSTILE.map((link, at) => ({ at: at + 1, link })))('hostile link $at', ({ link }) => {
  it('leads nowhere, and the walk ends with every record seen once', async () => {
    bench.sap.faults.add({ ...nextLinkTo(link), method: 'GET', path: PARTNERS, times: 1000 });
    const resolved: string[] = [];
    const { erp, caller } = connectErp(
      bench,
      {},
      {
        async resolve(host) {
          resolved.push(host);
          return ['127.0.0.1'];
        },
      },
    );
    const before = bench.sap.log.all().length;
    const seen: string[] = [];
    for (;;) {
      const page: Awaited<ReturnType<typeof erp.listPartnersByKey>> = await erp.listPartnersByKey(
        caller,
        seen.at(-1) ?? null,
        20,
      );
      seen.push(...page.rows.map(({ cardCode }) => cardCode));
      if (page.done) break;
    }
    expect(seen).toEqual(codes());
    const asked = bench.sap.log.all().slice(before);
    // The sign-in, the pages, and one that finds nothing more where a link claims so.
    expect(asked.length).toBeLessThanOrEqual(1 + Math.ceil(codes().length / 20) + 1);
    for (const { path } of asked) expect(path).toMatch(/\/(Login|BusinessPartners\?.*orderby=CardCode)/);
    expect(resolved).toEqual([]);
    expect(foreign.connections()).toBe(0);
  });
});

describe('a server that gives the same page for ever', () => {
  /** How often it was asked until it was left. */
  async function asked(path: RegExp, work: () => Promise<unknown>): Promise<number> {
    let first: SlResponse | undefined;
    const fault = bench.sap.faults.add({
      kind: 'rewrite',
      method: 'GET',
      path,
      times: 1000,
      rewrite(answer) {
        first ??= nextLinkTo(() => 'BusinessPartners').rewrite?.(answer) ?? answer;
        return first;
      },
    });
    await expect(work()).rejects.toBeInstanceOf(UnavailableError);
    return fault.hits();
  }

  it('is left after two pages by key', async () => {
    const { erp, caller } = connectErp(bench);
    const walk = async () => {
      let after: string | null = null;
      for (;;) {
        const page: Awaited<ReturnType<typeof erp.listPartnersByKey>> = await erp.listPartnersByKey(caller, after, 5);
        after = page.rows.at(-1)?.cardCode ?? null;
        if (page.done) return;
      }
    };
    expect(await asked(PARTNERS, walk)).toBe(2);
  });

  it('is left after two pages by stamp', async () => {
    const { erp, caller } = connectErp(bench);
    const from = { date: '2000-01-01', time: '00:00:00' };
    const first = await erp.listPartnersChanged(caller, from, null, 5);
    const last = first.rows.at(-1);
    const after = { stamp: last?.updated ?? from, key: last?.cardCode ?? '' };
    expect(
      await asked(PARTNERS, async () => {
        await erp.listPartnersChanged(caller, from, null, 5);
        await erp.listPartnersChanged(caller, from, after, 5);
        await erp.listPartnersChanged(caller, from, after, 5);
      }),
    ).toBeLessThanOrEqual(4);
  });

  it('is left after two pages of a list that is read whole', async () => {
    const { erp, caller } = connectErp(bench);
    expect(await asked(/^\/?PriceLists/, () => erp.listPriceLists(caller))).toBe(2);
  });
});
