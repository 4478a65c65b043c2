import { WEBHOOKS } from '../../server/app/install/webhook-plan.ts';
import { textOf } from '../practice/kernel/json.ts';
import { createRandom } from '../practice/kernel/random.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from './companies.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * A company whose people go on working while nothing takes Pipedrive's notifications, and a model of what has to follow
 * from that once something does again.
 */
export interface GapTown {
  readonly companies: Companies;
  readonly customer: Customer;
  /**
   * So long nothing runs here: people work, and notifications are lost on their way, turned away (503) or not answered. Ten
   * that fail get a webhook banned, and three days of that get it removed.
   */
  silence(milliseconds: number, how: 'lost' | 503 | 'no answer'): Promise<void>;
  /** Webhooks that Pipedrive has, but does not deliver by, or has no more. */
  brokenWebhooks(): readonly string[];
  /** The receiver comes back; a quarter of an hour goes by. @returns tokens spent on reading what was missed */
  recover(): Promise<number>;
  /** A day goes by, with its comparison. @returns tokens spent on that */
  passNight(): Promise<number>;
  /** What people changed and the app should have followed, in words. */
  missingEdits(): Promise<readonly string[]>;
  /** Links to what was deleted or merged, in words. */
  missingRemovals(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Model {
  /** Deals that people touched, with what should have become of each. */
  readonly deals: Map<number, 'ordered' | 'not ordered'>;
  /** Records whose value of SAP's was overwritten: what it has to be again. */
  readonly organizations: Map<number, string>;
  readonly products: Map<number, string>;
  /** Products on deals: nobody takes them away from under an order. */
  readonly sold: Set<number>;
  /** Deleted, by kind of link. */
  readonly deleted: Map<number, 'partner' | 'contact' | 'item'>;
  /** Loser and winner. */
  readonly merged: Map<number, number>;
}

/** @param seed the same does the same */
export async function openGapTown(id: number, seed: number): Promise<GapTown> {
  const companies = await startCompanies();
  const customer = await companies.add({ id, partners: 24, items: 16, invoices: 8, organizations: 10 });
  await customer.setUp();
  const { app, world } = companies;
  await app.runJobs();
  await app.runJobsFor(15 * MINUTE);
  await app.app.watchReceiver();
  const switched = await app.api(id, ADMIN).post('/api/settings/handoff', { enabled: true });
  if (switched.status !== 200) throw new Error(`switch: ${switched.status}`);
  world.clock.advance(1_000);

  const { pipedrive, sap } = customer;
  const model: Model = {
    deals: new Map(),
    organizations: new Map(),
    products: new Map(),
    sold: new Set(),
    deleted: new Map(),
    merged: new Map(),
  };
  const random = createRandom(seed * 2_654_435_761);

  const links = async (kind: 'partner' | 'contact' | 'item', state: string) =>
    (await customer.rows('entity_links'))
      .filter((row) => row['kind'] === kind && row['state'] === state)
      .map((row) => ({ id: Number(row['pipedrive_id']), key: String(row['sap_key']) }));

  const isUntouched = (recordId: number) =>
    !model.deleted.has(recordId) &&
    !model.merged.has(recordId) &&
    ![...model.merged.values()].includes(recordId) &&
    !model.organizations.has(recordId);

  async function aLinked(kind: 'partner' | 'contact' | 'item') {
    const all = (await links(kind, 'linked')).filter((link) => isUntouched(link.id));
    return random.pick(all.sort((left, right) => left.id - right.id));
  }

  async function aSellable() {
    const items = (await links('item', 'linked')).filter(
      ({ id: productId, key }) => !model.products.has(productId) && !model.deleted.has(productId) && maySell(key),
    );
    return random.pick(items.sort((left, right) => left.id - right.id));
  }
  const maySell = (itemCode: string) => {
    const item = sap.item(itemCode);
    return textOf(item, 'SalesItem') === 'tYES' && item['Frozen'] !== 'tYES' && item['Valid'] !== 'tNO';
  };
  const mayOrder = (cardCode: string) => {
    const partner = sap.partner(cardCode);
    return partner['CardType'] === 'cCustomer' && partner['Frozen'] !== 'tYES' && partner['Valid'] !== 'tNO';
  };

  async function makeDeal(): Promise<number> {
    const customers = (await links('partner', 'linked')).filter((one) => isUntouched(one.id) && mayOrder(one.key));
    const organization = random.pick(customers.sort((left, right) => left.id - right.id));
    const product = await aSellable();
    model.sold.add(product.id);
    // Whoever deals with these is left alone by the other people.
    model.organizations.set(organization.id, nameOf('organization', organization.id));
    const deal = pipedrive.createDeal({
      title: 'Desks',
      org_id: organization.id,
      currency: 'EUR',
      owner: REP,
      lines: [{ product_id: product.id, item_price: 75, quantity: random.int(1, 5) }],
    });
    return deal.id;
  }

  function nameOf(kind: 'organization' | 'product', recordId: number): string {
    const list = kind === 'organization' ? pipedrive.organizations() : pipedrive.products();
    return list.find((one) => one.id === recordId)?.name ?? '';
  }

  const acts: readonly (() => Promise<void>)[] = [
    async () => {
      const dealId = await makeDeal();
      pipedrive.win(dealId, REP);
      model.deals.set(dealId, 'ordered');
    },
    async () => {
      const dealId = await makeDeal();
      pipedrive.win(dealId, REP);
      world.clock.advance(2_000);
      pipedrive.updateDeal(dealId, { status: random.pick(['lost', 'open']) }, REP);
      model.deals.set(dealId, 'not ordered');
    },
    async () => {
      const dealId = await makeDeal();
      pipedrive.win(dealId, REP);
      world.clock.advance(2_000);
      pipedrive.archiveDeal(dealId, true, REP);
      model.deals.set(dealId, 'ordered');
    },
    async () => {
      const dealId = await makeDeal();
      pipedrive.win(dealId, REP);
      pipedrive.deleteDeal(dealId, REP);
      model.deals.set(dealId, 'not ordered');
    },
    async () => {
      const [loser, winner] = [await makeDeal(), await makeDeal()];
      pipedrive.win(loser, REP);
      world.clock.advance(1_000);
      pipedrive.merge('deal', loser, winner, ADMIN);
      pipedrive.win(winner, REP);
      model.deals.set(loser, 'not ordered');
      model.deals.set(winner, 'ordered');
    },
    async () => {
      const { id: organizationId } = await aLinked('partner');
      model.organizations.set(organizationId, nameOf('organization', organizationId));
      pipedrive.updateOrganization(organizationId, { name: `Typo ${random.int(1, 999)}` }, REP);
    },
    async () => {
      const { id: productId } = await aSellable();
      model.products.set(productId, nameOf('product', productId));
      pipedrive.updateProduct(productId, { name: `Typo ${random.int(1, 999)}` }, REP);
    },
    async () => {
      const { id: organizationId } = await aLinked('partner');
      model.deleted.set(organizationId, 'partner');
      pipedrive.deleteOrganization(organizationId, REP);
    },
    async () => {
      const { id: personId } = await aLinked('contact');
      model.deleted.set(personId, 'contact');
      pipedrive.deletePerson(personId, REP);
    },
    async () => {
      const { id: productId } = await aSellable();
      if (model.sold.has(productId)) return;
      model.deleted.set(productId, 'item');
      pipedrive.deleteProduct(productId, REP);
    },
    async () => {
      const { id: loser } = await aLinked('partner');
      const winner = pipedrive.createOrganization({ name: `Twin ${loser}` }, REP).id;
      world.clock.advance(1_000);
      model.merged.set(loser, winner);
      pipedrive.merge('organization', loser, winner, ADMIN);
    },
  ];

  const spentDuring = async (work: () => Promise<unknown>, isCounted: (path: string) => boolean): Promise<number> => {
    const calls = await customer.callsDuring(work);
    return calls.reduce((sum, { method, path }) => sum + (method === 'GET' && isCounted(path) ? costOf(path) : 0), 0);
  };

  return {
    companies,
    customer,
    async silence(milliseconds, how) {
      for (const part of Object.values(model)) part.clear();
      await app.app.watchReceiver();
      const fault =
        how === 'lost' ? ({ kind: 'lose' } as const) : { kind: 'outage' as const, status: how === 503 ? 503 : null };
      world.pipedrive.webhooks.faults.add({ match: { company: id }, times: 1e9, fault });
      const end = world.clock.now() + milliseconds;
      const chosen = random.shuffle([...acts, ...acts.slice(0, 7)]).slice(0, 10);
      for (const act of chosen) {
        world.clock.advance(random.int(1, Math.floor(milliseconds / 12)));
        await act();
        await world.pipedrive.settled();
      }
      world.clock.set(Math.max(end, world.clock.now()));
      await world.pipedrive.settled();
      world.pipedrive.webhooks.faults.clear();
    },
    async recover() {
      return spentDuring(
        async () => {
          await app.app.watchReceiver();
          await app.runJobsFor(15 * MINUTE);
        },
        (path) => path.includes('updated_since='),
      );
    },
    async passNight() {
      return spentDuring(
        async () => {
          // The clock starts at nine in the morning, when the night's work is due at the latest.
          world.clock.advance(24 * HOUR - MINUTE);
          await app.app.watchReceiver();
          await app.runJobsFor(MINUTE);
        },
        (path) => /\/(organizations|persons|products)\?/.test(path) && !path.includes('updated_since='),
      );
    },
    brokenWebhooks() {
      const now = world.clock.now();
      const hooks = pipedrive.webhooks().filter(({ bannedUntil }) => bannedUntil === null || bannedUntil <= now);
      return WEBHOOKS.filter(
        ({ object, action }) =>
          !hooks.some(({ event_object, event_action }) => event_object === object && event_action === action),
      ).map(({ object, action }) => `${object}.${action}`);
    },
    async missingEdits() {
      const missing: string[] = [];
      const handoffs = await customer.rows('handoffs');
      for (const [dealId, expected] of model.deals) {
        const row = handoffs.find((one) => Number(one['deal_id']) === dealId);
        const orders = row ? sap.findByKey(String(row['key'])).length : 0;
        if (orders !== (expected === 'ordered' ? 1 : 0)) missing.push(`deal ${dealId}: ${orders} orders, ${expected}`);
      }
      for (const [organizationId, name] of model.organizations) {
        const found = nameOf('organization', organizationId);
        if (found !== name) missing.push(`organization ${organizationId}: ${found}, not ${name}`);
      }
      for (const [productId, name] of model.products) {
        const found = nameOf('product', productId);
        if (found !== name) missing.push(`product ${productId}: ${found}, not ${name}`);
      }
      return missing;
    },
    async missingRemovals() {
      const missing: string[] = [];
      const rows = await customer.rows('entity_links');
      const linkTo = (recordId: number, kind: string) =>
        rows.find((row) => row['kind'] === kind && Number(row['pipedrive_id']) === recordId);
      for (const [recordId, kind] of model.deleted) {
        const state = linkTo(recordId, kind)?.['state'];
        if (state !== 'gone') missing.push(`${kind} ${recordId} is ${state}`);
      }
      for (const [loser, winner] of model.merged) {
        const state = linkTo(winner, 'partner')?.['state'];
        if (state !== 'linked') missing.push(`winner ${winner} of ${loser} is ${state}`);
      }
      return missing;
    },
    close: () => companies.close(),
  };
}

const costOf = (path: string): number => (path.includes('/deals/archived') ? 20 : 10);
