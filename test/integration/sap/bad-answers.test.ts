import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpPartner } from '../../../server/app/ports/erp.ts';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { NotFoundError, OutcomeUnknownError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import {
  type BadAnswer,
  batchWithoutBoundary,
  batchWithoutEnd,
  batchWithoutItem,
  withBody,
  withDigits,
  withRows,
  withText,
  withValues,
} from '../../practice/sap/bad-answers.ts';
import type { SapFault } from '../../practice/sap/faults.ts';
import { connectErp, type Sap, startSap, TODAY } from './sap-bench.ts';

/**
 * The twenty answers of requirements 5.8, each with what becomes of it. Links to the next page (6) have a file of their
 * own, and so has what changes while pages are read (8) and how stamps are made (9): the delta's lives.
 */
let bench: Sap;
let customer: ErpPartner;
let draft: OrderDraft;
let next = 0;

beforeAll(async () => {
  bench = await startSap();
  const { erp, caller } = connectErp(bench);
  await erp.createKeyField(caller);
  const { rows } = await erp.listPartnersByKey(caller, null, 500);
  const found = rows.find(({ type, active }) => type === 'customer' && active);
  const item = (await erp.listItemsByKey(caller, null, 500)).rows.find(({ active, sales }) => active && sales);
  if (!found || !item) throw new Error('The practice company has no customer or no item.');
  customer = found;
  draft = {
    cardCode: found.cardCode,
    documentDate: TODAY,
    dueDate: '2026-03-20',
    currency: 'EUR',
    comments: 'Deal 7',
    lines: [{ lineId: 1, itemCode: item.itemCode, quantity: '2', unitPrice: '10.5', discountPercent: '3' }],
  };
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  bench.office.settings.pageSizes = 'as_asked';
});

const PARTNERS = /^\/?BusinessPartners\?/;
const plant = (fault: SapFault) => bench.sap.faults.add(fault);
const bad = (answer: BadAnswer, aim: Partial<SapFault> = {}) =>
  plant({ ...answer, method: 'GET', path: PARTNERS, times: 100, ...aim });
const codes = () =>
  bench.office
    .rows('BusinessPartners')
    .map((row) => String(row['CardCode']))
    .sort();
const newKey = () => {
  next += 1;
  return `PD7-BAD${String(next).padStart(6, '0')}`;
};
const readAll = async (limit = 500) => {
  const { erp, caller } = connectErp(bench);
  return erp.listPartnersByKey(caller, null, limit);
};
const create = (key: string) => {
  const { erp, caller } = connectErp(bench);
  return erp.createOrder(caller, draft, key);
};
const orders = (key: string) => bench.office.findByKey(key).filter(({ set }) => set === 'Orders');

async function walkByKey(limit: number): Promise<string[]> {
  const { erp, caller } = connectErp(bench);
  const seen: string[] = [];
  for (;;) {
    const page: Awaited<ReturnType<typeof readAll>> = await erp.listPartnersByKey(caller, seen.at(-1) ?? null, limit);
    seen.push(...page.rows.map(({ cardCode }) => cardCode));
    if (page.done) return seen;
  }
}

describe('1 a session that ends in the middle of a walk', () => {
  it('is replaced once, and no row is lost', async () => {
    const before = bench.sap.log.all().filter(({ path }) => path.endsWith('/Login')).length;
    plant({ kind: 'session_lost', method: 'GET', path: PARTNERS, skip: 1 });
    expect(await walkByKey(7)).toEqual(codes());
    const signIns = bench.sap.log.all().filter(({ path }) => path.endsWith('/Login')).length - before;
    expect(signIns).toBe(2);
  });
});

describe('2 an error object that calls itself a success', () => {
  it('is SAP’s refusal of a read', async () => {
    plant({ kind: 'error_with_200', path: PARTNERS, code: -10, message: 'Ungültig' });
    await expect(readAll()).rejects.toMatchObject({ code: '-10', words: 'Ungültig' });
  });

  it('proves nothing about a write', async () => {
    const key = newKey();
    plant({ kind: 'error_with_200', method: 'POST', path: /^\/?Orders$/, code: -10, message: 'Ungültig' });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(orders(key)).toHaveLength(0);
  });
});

describe('3 an empty body where one was expected', () => {
  it('of a read is "not available", after three tries', async () => {
    const fault = plant({ kind: 'empty_body', path: PARTNERS, times: 10 });
    await expect(readAll()).rejects.toBeInstanceOf(UnavailableError);
    expect(fault.hits()).toBe(3);
  });

  it('of a write is what was asked for: the order is read back', async () => {
    const key = newKey();
    plant({ kind: 'empty_body', method: 'POST', path: /^\/?Orders$/ });
    expect(await create(key)).toMatchObject({ key, document: 'order' });
    expect(orders(key)).toHaveLength(1);
  });
});

describe('4 an empty 500 after the commit', () => {
  it('is an unknown outcome, and the write is not repeated', async () => {
    const key = newKey();
    plant({ kind: 'empty_500_after_commit', method: 'POST', path: /^\/?Orders$/ });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(orders(key)).toHaveLength(1);
  });
});

describe('5 a page of a proxy with status 200', () => {
  it('is never taken for data', async () => {
    const fault = plant({ kind: 'html_200', path: PARTNERS, times: 10 });
    await expect(readAll()).rejects.toBeInstanceOf(UnavailableError);
    expect(fault.hits()).toBe(3);
  });

  it('after a write is an unknown outcome', async () => {
    const key = newKey();
    plant({ kind: 'html_200_after_commit', method: 'POST', path: /^\/?Orders$/ });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(orders(key)).toHaveLength(1);
  });
});

describe('7 pages of twenty whatever is asked', () => {
  it('lose no row', async () => {
    bench.office.settings.pageSizes = 'always_20';
    expect(await walkByKey(500)).toEqual(codes());
  });

  it('lose no name beside a customer', async () => {
    bench.office.settings.pageSizes = 'always_20';
    for (let number = 50; number < 80; number += 1) {
      bench.office.enter('PriceLists', { PriceListNo: number, PriceListName: `Liste ${number}`, IsGrossPrice: 'tYES' });
    }
    bench.office.overwrite('BusinessPartners', customer.cardCode, { PriceListNum: 79 });
    const { erp, caller } = connectErp(bench);
    expect(await erp.viewCustomer(caller, customer.cardCode)).toMatchObject({
      priceListName: 'Liste 79',
      pricesHoldTax: true,
    });
  });

  it('nor without any link to the next page', async () => {
    bench.office.settings.pageSizes = 'always_20';
    bad(withBody(({ '@odata.nextLink': _link, ...body }) => body));
    expect(await walkByKey(500)).toEqual(codes());
  });
});

describe('8 rows that come and go between pages', () => {
  it('lose no other', async () => {
    const [first = '', second = '', third = ''] = codes();
    plant({
      kind: 'meanwhile',
      path: PARTNERS,
      skip: 1,
      meanwhile: () => {
        bench.office.createPartner({ CardCode: `${first}0`, CardName: 'Neu', CardType: 'cCustomer' });
        bench.office.createPartner({ CardCode: `${third}0`, CardName: 'Neu', CardType: 'cCustomer' });
      },
    });
    const seen = await walkByKey(2);
    expect(seen.slice(0, 2)).toEqual([first, second]);
    expect(seen).toEqual(codes().filter((code) => code !== `${first}0`));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('9 stamps left out', () => {
  it('keep no record from being read', async () => {
    bad(withValues({ UpdateDate: null, UpdateTime: null }));
    const { rows } = await readAll();
    expect(rows.map(({ cardCode }) => cardCode)).toEqual(codes());
  });
});

describe('10 values of another make', () => {
  it('mean the same where they can mean one thing only', async () => {
    const plain = (await readAll()).rows;
    bad(withText((text) => text.replace(/("(?:CreditLimit|GroupCode|PriceListNum)":)(-?\d+(?:\.\d+)?)/g, '$1"$2"')));
    expect((await readAll()).rows).toEqual(plain);
  });

  it('the annotations of the other dialect are read as links too', async () => {
    bench.office.settings.pageSizes = 'always_20';
    bad(withText((text) => text.replaceAll('"@odata.', '"odata.')));
    expect(await walkByKey(500)).toEqual(codes());
  });
});

describe('11 amounts', () => {
  it('with a decimal comma are not guessed: the records are named', async () => {
    bad(withRows((row, index) => (index === 2 ? { ...row, CreditLimit: '50.000,00' } : row)));
    const { rows, unreadable } = await readAll();
    expect(rows).toHaveLength(codes().length - 1);
    expect(unreadable).toEqual([{ key: codes()[2], reason: 'SAP sends CreditLimit in a form that cannot be read.' }]);
  });

  it('that are all so make the page unreadable, instead of nobody having a limit', async () => {
    bad(withValues({ CreditLimit: '50.000,00' }));
    await expect(readAll(7)).rejects.toBeInstanceOf(UnavailableError);
  });

  it('of six decimals come through exactly, and "##" is no currency', async () => {
    bad(withValues({ CreditLimit: 1234567.123456, Currency: '##' }));
    const [row] = (await readAll()).rows;
    expect(row?.credit.limit).toBe('1234567.123456');
    expect(row?.currency).toBeNull();
  });

  it('of more than 15 digits are refused, never rounded', async () => {
    let left = 1;
    const once = withDigits('CreditLimit', '12345678901234567.89').rewrite;
    plant({
      kind: 'rewrite',
      path: PARTNERS,
      rewrite(answer) {
        const cut = answer.body.indexOf('"CreditLimit":') + 20;
        left -= 1;
        return {
          ...answer,
          body:
            (once?.({ ...answer, body: answer.body.slice(0, cut) }).body ?? '') +
            answer.body.slice(cut).replace(/^[\d.]*/, ''),
        };
      },
    });
    const { rows, unreadable } = await readAll();
    expect(left).toBe(0);
    expect(rows).toHaveLength(codes().length - 1);
    expect(unreadable).toEqual([
      { key: codes()[0], reason: 'SAP sends CreditLimit with more digits than can be carried exactly.' },
    ]);
  });
});

describe('12 true and false for yes and no, and members of enums that nobody knows', () => {
  it('are taken for what they mean, or passed over', async () => {
    bad(withValues({ Frozen: true, CardType: 'cFriend', Valid: false }));
    const { rows, unreadable } = await readAll();
    expect(unreadable).toBeUndefined();
    expect(rows.map(({ cardCode }) => cardCode)).toEqual(codes());
    expect(rows.every(({ active }) => !active)).toBe(true);
  });
});

describe('13 to 16 documents with our key', () => {
  it('13 are told apart by DocEntry, whatever number is printed on them', async () => {
    const key = newKey();
    const made = await create(key);
    bench.office.overwrite('Orders', String(made.docEntry), { DocNum: 1 });
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toMatchObject([
      { docEntry: made.docEntry, docNum: 1 },
    ]);
  });

  it('14 are all given, 15 with their state, and 16 under whatever customer', async () => {
    const key = newKey();
    const first = await create(key);
    const other = bench.office
      .rows('BusinessPartners')
      .find(({ CardType, CardCode }) => CardType === 'cCustomer' && CardCode !== draft.cardCode);
    const order = bench.office.order(first.docEntry);
    bench.office.enter('Orders', { ...order, DocEntry: first.docEntry + 1000, CardCode: String(other?.['CardCode']) });
    bench.office.cancelOrder(first.docEntry);
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toMatchObject([
      { docEntry: first.docEntry, status: 'cancelled', cardCode: draft.cardCode },
      { docEntry: first.docEntry + 1000, status: 'open', cardCode: String(other?.['CardCode']) },
    ]);
  });

  it('an order number beyond what can be carried exactly is refused, not rounded to another order', async () => {
    const key = newKey();
    await create(key);
    plant({ ...withDigits('DocEntry', '9007199254740993'), method: 'GET', path: /^\/?Orders\?/, times: 10 });
    const { erp, caller } = connectErp(bench);
    await expect(erp.findOrdersByKey(caller, key, draft.cardCode)).rejects.toBeInstanceOf(UnavailableError);
  });
});

describe('17 refusals in any language', () => {
  it.each([
    [-10, 'Zahlungsbedingung ungültig'],
    [-5002, '内部エラー'],
    [-1116, '(1) Bitte Kostenstelle angeben'],
  ])('with code %i keep it, and SAP’s words', async (code, message) => {
    plant({ kind: 'reject', path: PARTNERS, code, message });
    const error = await readAll().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ code: String(code), words: message });
  });

  it('with code -2028 mean "no such record" for one that is read', async () => {
    plant({ kind: 'reject', path: /\$batch/, code: -2028, message: 'Ничего не найдено', status: 404 });
    plant({ kind: 'reject', path: /BusinessPartners\(/, code: -2028, message: 'Ничего не найдено', status: 404 });
    const { erp, caller } = connectErp(bench);
    await expect(erp.viewCustomer(caller, 'NOBODY')).rejects.toSatisfy(
      (error) => error instanceof NotFoundError || error instanceof RejectedError,
    );
  });
});

describe('18 no licence, or too many users at once', () => {
  it.each([-8009, -118])('code %i is said so, and is no wrong password', async (code) => {
    plant({ kind: 'reject', path: /Login/, code, message: 'Number of licenses exceeded' });
    const { erp, books, caller } = connectErp(bench);
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(RejectedError);
    expect(books.refusals).toBe(0);
  });
});

describe('19 a batch', () => {
  const view = () => {
    const { erp, caller } = connectErp(bench);
    return erp.viewCustomer(caller, customer.cardCode);
  };

  it.each([
    ['without its boundary', batchWithoutBoundary()],
    ['without its end', batchWithoutEnd()],
    ['without its first answer', batchWithoutItem(0)],
    ['without one of its answers', batchWithoutItem(1)],
  ])('%s is "not available": no answer is taken for another', async (_name, answer) => {
    const fault = plant({ ...answer, path: /\$batch/, times: 10 });
    await expect(view()).rejects.toBeInstanceOf(UnavailableError);
    expect(fault.hits()).toBe(3);
  });

  it('of mixed results gives what comes before the failure', async () => {
    bench.office.settings.denies = (_method, resource) => resource === 'PriceLists';
    const { partner, groupName, priceListName } = await view();
    bench.office.settings.denies = () => false;
    expect(partner.cardCode).toBe(customer.cardCode);
    expect(groupName).not.toBeNull();
    expect(priceListName).toBeNull();
  });
});

describe('20 another clock, an older state', () => {
  it('three hours apart, changes are found all the same', async () => {
    const { erp, caller } = connectErp(
      bench,
      {},
      { clock: { now: () => new Date(bench.clock.now() - 3 * 3_600_000) } },
    );
    const from = (await erp.newestStamp(caller, 'partners')) ?? { date: TODAY, time: '00:00:00' };
    bench.clock.advance(60_000);
    bench.office.changePartner(customer.cardCode, { Phone1: '1' });
    const { rows } = await erp.listPartnersChanged(caller, from, null, 500);
    expect(rows.map(({ cardCode }) => cardCode)).toContain(customer.cardCode);
  });

  it('a company restored to an earlier day shows an older newest stamp', async () => {
    const { erp, caller } = connectErp(bench);
    const restore = bench.office.backUp();
    const before = await erp.newestStamp(caller, 'partners');
    bench.clock.advance(86_400_000);
    bench.office.changePartner(customer.cardCode, { Phone1: '2' });
    const after = await erp.newestStamp(caller, 'partners');
    expect(after?.date).not.toBe(before?.date);
    restore();
    expect(await erp.newestStamp(caller, 'partners')).toEqual(before);
  });

  it('a company of that name that is gone is a matter for a person', async () => {
    const { erp, caller } = connectErp(bench, { companyDb: 'ANOTHER' });
    await expect(erp.countPartners(caller)).rejects.toSatisfy(
      (error) => error instanceof UnavailableError || error instanceof RejectedError,
    );
  });
});
