import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReauthRequiredError } from '../../../server/kernel/errors.ts';
import { type CatalogueEntry, ERROR_CATALOGUE } from '../../../server/sap/error-catalogue.ts';
import { connectErp, type Sap, startSap } from './sap-bench.ts';

/** A text for each entry that the words decide about. */
const TEXTS: Readonly<Record<string, string>> = {
  negative_stock: 'Quantity falls into negative inventory [INV1.ItemCode][line: 2]',
  missing_rate: 'Update the exchange rate',
  unknown_field: "Property 'U_X' of 'Document' is invalid",
  too_long: "Value too long in property 'CardName' of 'BusinessPartner'",
};

/** An application code stands in the text of a refusal with the general one. */
function asSapSays({ name, words }: CatalogueEntry, code: string): { code: number; message: string } {
  const text = words ? (TEXTS[name] ?? '') : 'Some words';
  return /^\d{8,}$/.test(code) ? { code: -10, message: `${code} - ${text}` } : { code: Number(code), message: text };
}

/** These codes are no refusals of a request: they are about the session, or come before anything was begun. */
const HANDLED: ReadonlySet<string> = new Set(['301', '305', '299', '-1102']);

const CASES = ERROR_CATALOGUE.flatMap((entry) =>
  (entry.codes.length > 0 ? entry.codes : ['-10'])
    .filter((code) => !HANDLED.has(code))
    .map((code) => [code, entry.name, entry] as const),
);

describe.each(['v1', 'v2'] as const)('what an integration meets, said in %s', (version) => {
  let bench: Sap;
  beforeAll(async () => {
    bench = await startSap({ version });
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sap.faults.clear());

  it.each(CASES)('%s: %s', async (code, _name, entry) => {
    const { erp, caller } = connectErp(bench, { address: `${bench.sap.url}/b1s/${version}` });
    const refusal = asSapSays(entry, code);
    for (const method of ['GET', 'POST'] as const) {
      const path = method === 'GET' ? /count/ : /^UserFieldsMD/;
      const fault = bench.sap.faults.add({ kind: 'reject', method, path, ...refusal, times: 9 });
      const asked = method === 'GET' ? erp.countPartners(caller) : erp.createKeyField(caller);
      // The field is there already, says -2035: then all is well.
      if (method === 'POST' && code === '-2035') await asked;
      else {
        await expect(asked).rejects.toMatchObject({
          kind: 'rejected',
          code: String(refusal.code),
          words: refusal.message,
          who: entry.who,
          repeat: entry.repeat,
          message: expect.stringContaining(entry.wordsSayMore ? refusal.message : entry.sentence),
        });
      }
      expect(fault.hits()).toBe(1);
      fault.remove();
    }
    await erp.closeAll();
  });

  it.each([
    ['-304', ReauthRequiredError],
    ['-107', ReauthRequiredError],
  ])('%s at the sign-in is about the person’s password', async (code, kind) => {
    const { erp, caller } = connectErp(bench, { address: `${bench.sap.url}/b1s/${version}` });
    const fault = bench.sap.faults.add({ kind: 'reject', path: /^Login/, status: 401, code: Number(code), times: 9 });
    await expect(erp.countPartners(caller)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(kind);
    expect(fault.hits()).toBe(2);
    fault.remove();
  });

  it.each(['-118', '-8009', '100000085'])(
    '%s at the sign-in is about licences, and counts as no refusal',
    async (code) => {
      const { erp, caller, books } = connectErp(bench, { address: `${bench.sap.url}/b1s/${version}` });
      const fault = bench.sap.faults.add({ kind: 'reject', path: /^Login/, code: Number(code), message: 'Too many' });
      await expect(erp.countPartners(caller)).rejects.toMatchObject({ kind: 'rejected', who: 'sap_admin' });
      expect(books.refusals).toBe(0);
      fault.remove();
    },
  );
});
