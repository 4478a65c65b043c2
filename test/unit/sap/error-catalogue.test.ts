import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../../scripts/sap-errors-page.ts';
import { ERROR_CATALOGUE, findEntry } from '../../../server/sap/error-catalogue.ts';

describe('the catalogue of refusals', () => {
  it.each([
    ['-10', '10001071 - Customer is inactive  [ORDR.CardCode] , C20000', 'partner_inactive'],
    ['-10', '10001069 - Quantity falls into negative inventory  [INV1.ItemCode][line: 2]', 'negative_stock'],
    ['-10', '10001069 - Item is inactive  [RDR1.ItemCode][line: 1]', 'item_inactive'],
    ['-5002', '(5002) 10001058 enter a discount percentage of less than 100', 'discount_too_high'],
    ['-10', 'Update the exchange rate , ‘USD’', 'missing_rate'],
    ['-4006', 'Update the exchange rate', 'missing_rate'],
    ['-10', '1320000140 - Business partner code C1 already assigned', 'partner_exists'],
    ['-1000', "Property 'U_PD_Key' of 'Document' is invalid", 'unknown_field'],
    ['201', 'Query string error: Invalid $filter', 'bad_request'],
    ['-1004', "Value too long in property 'CardName' of 'BusinessPartner'", 'too_long'],
    ['-1004', "Invalid value for property 'Quantity' of 'DocumentLine'", 'bad_value'],
    ['-1116', '(1) Orders above 10,000 need a cost centre', 'own_rule'],
    ['-5002', 'Internal error (-5002) occurred', 'business_rule'],
    ['-10', 'Something else', 'business_rule'],
    ['-99999', 'Something else', undefined],
    ['1299', '', undefined],
    ['', '', undefined],
  ])('%s %j is %s', (code, words, name) => {
    expect(findEntry({ code, words })?.name).toBe(name);
  });

  it('is found for every code it names', () => {
    for (const { codes, words, name } of ERROR_CATALOGUE) {
      if (words) continue;
      for (const code of codes) expect(findEntry({ code, words: '' })?.name).toBe(name);
    }
  });

  it('names no code twice but where the words decide', () => {
    const plain = ERROR_CATALOGUE.filter(({ words }) => !words).flatMap(({ codes }) => codes);
    expect(new Set(plain).size).toBe(plain.length);
  });

  it('speaks in sentences that can be shown', () => {
    for (const { sentence } of ERROR_CATALOGUE) expect(sentence).toMatch(/^[A-Z][^<>{}]{15,150}\.$/);
  });

  it('is what docs/sap-errors.md says', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../docs/sap-errors.md'), 'utf8')).toBe(errorsPage());
  });
});
