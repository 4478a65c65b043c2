import { compare } from '../../../../server/kernel/money.ts';
import { holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import type { Scene } from '../scene.ts';

async function question({ facts, today }: Scene) {
  const [customer, item] = [await facts.customer(), await facts.item()];
  if (!customer || !item) return undefined;
  return {
    cardCode: customer.cardCode,
    itemCode: item.itemCode,
    quantity: '1',
    unit: null,
    date: today,
    currency: null,
  };
}

const NOBODY = 'There is no active customer, or no item that is sold.';

/** What a customer pays. Source: reference 7.4 and 8.2. */
export const priceChecks: readonly Check[] = [
  {
    name: 'prices.effective',
    claim: 'SAP says what a customer pays for an item today, and by which rule.',
    covers: ['getEffectivePrice'],
    async run(scene) {
      const asked = await question(scene);
      if (!asked) return notAsked(NOBODY);
      const price = await scene.erp.getEffectivePrice(scene.caller, asked);
      if (!price) return notAsked('SAP has no price for it.');
      const rule = price.rule
        ? `${price.rule.kind}, ${price.ruleIs === 'stated' ? 'as SAP says' : 'worked out'}`
        : 'unknown';
      return verdict(
        [
          [compare(price.price, '0') > 0, 'The price is nothing.'],
          [compare(price.price, price.unitPrice) <= 0, 'The price lies above the one before its discount.'],
        ],
        `Rule: ${rule}. Before or after the discount is ${price.assumed ? 'not shown' : 'shown'}. Tax: ${price.tax}.`,
      );
    },
  },
  {
    name: 'prices.quotes',
    claim: 'Prices and stock of several items come together, and one that does not exist takes none from the others.',
    covers: ['quoteItems'],
    async run(scene) {
      const asked = await question(scene);
      if (!asked) return notAsked(NOBODY);
      const customer = await scene.facts.customer();
      const currency = customer?.currency ?? (await scene.erp.getCompanyRules(scene.caller)).localCurrency;
      const items = [asked.itemCode, '~none~', asked.itemCode].map((itemCode) => ({
        itemCode,
        quantity: '1',
        currency,
      }));
      const quotes = await scene.erp.quoteItems(scene.caller, asked.cardCode, items, scene.today, null);
      const [first, missing, again] = quotes.items;
      return verdict([
        [first?.stock !== null && first?.stock !== undefined, 'There is no stock of an item that exists.'],
        [missing?.price === null && missing.problem !== null, 'An item that does not exist has a price.'],
        [first?.price?.price === again?.price?.price, 'The same question got two prices.'],
      ]);
    },
  },
  {
    name: 'prices.agree',
    claim: 'The price asked for and the price on a document are the same.',
    async run(scene) {
      const asked = await question(scene);
      if (!asked) return notAsked(NOBODY);
      const rules = await scene.erp.getCompanyRules(scene.caller);
      const currency = (await scene.facts.customer())?.currency ?? rules.localCurrency;
      const quotes = await scene.erp.quoteItems(
        scene.caller,
        asked.cardCode,
        [{ itemCode: asked.itemCode, quantity: '1', currency }],
        scene.today,
        null,
      );
      const effective = await scene.erp.getEffectivePrice(scene.caller, { ...asked, currency });
      const quoted = quotes.items[0]?.price;
      if (!quoted || !effective) return notAsked('SAP has no price for it.');
      if (effective.tax !== 'excluded') return holds('The list is one with tax; nothing to compare.');
      return verdict([
        [compare(quoted.price, effective.price) === 0, `Asked: ${quoted.price}. On a document: ${effective.price}.`],
      ]);
    },
  },
];
