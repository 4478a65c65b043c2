import type {
  ErpDocument,
  ErpDocumentKind,
  ErpDocumentRef,
  NewErpDocument,
} from '../../../../server/app/ports/erp-documents.ts';
import type { OrderDraft } from '../../../../server/domain/order-handoff.ts';
import { addDays } from '../../../../server/kernel/local-date.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { differs, type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import type { Scene } from '../scene.ts';

const COMMENT = 'Orderline contract suite';

/** Runs the check with a small document that this company can make, or says why there is none. */
function withDocument(run: (scene: Scene, document: NewErpDocument) => Promise<Found>): Check['run'] {
  return async (scene) => {
    const { erp, caller, facts, today } = scene;
    if (!(await erp.hasKeyField(caller)))
      return notAsked('The documents have no key field: nothing that is made could be found again.');
    const [customer, item] = [await facts.customer(), await facts.item()];
    if (!customer || !item) return notAsked('There is no active customer, or no item that is sold.');
    const line = { itemCode: item.itemCode, quantity: '2', unitPrice: '10', discountPercent: '0', warehouse: null };
    const head = { cardCode: customer.cardCode, documentDate: today, dueDate: addDays(today, 14), comments: COMMENT };
    return run(scene, { ...head, currency: customer.currency, customerReference: null, lines: [line] });
  };
}

const nameOf = ({ kind, docNum, isDraft }: ErpDocument): string =>
  `${kind.replaceAll('_', ' ')}${isDraft ? ' draft' : ''} ${docNum}`;

/** Cancels what was made; what cannot be put away is told by its number. */
async function putAway({ erp, caller, left }: Scene, made: ErpDocument, key: string): Promise<void> {
  try {
    if (made.isDraft) return await erp.removeDraft(caller, made.docEntry, key);
    await erp.cancelDocument(caller, made, null);
    left.push(`${nameOf(made)}, cancelled`);
  } catch {
    left.push(`${nameOf(made)}, still there`);
  }
}

const kindOf = (error: unknown): string => (error instanceof Error && 'kind' in error ? String(error.kind) : 'defect');

async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  return work().then(() => 'done', kindOf);
}

async function made(scene: Scene, kind: ErpDocumentKind, asDraft: boolean, document: NewErpDocument) {
  const key = scene.newKey();
  return { key, document: await scene.erp.createDocument(scene.caller, { kind, asDraft }, document, key) };
}

const refOf = ({ kind, isDraft, docEntry }: ErpDocument): ErpDocumentRef => ({ kind, isDraft, docEntry });

async function copies(scene: Scene, wanted: NewErpDocument): Promise<Found> {
  const { erp, caller } = scene;
  const quotation = await made(scene, 'quotation', false, wanted);
  if (quotation.document.isDraft) {
    await putAway(scene, quotation.document, quotation.key);
    return notAsked('An approval procedure made a draft of it.');
  }
  const key = scene.newKey();
  const dates = { documentDate: wanted.documentDate, dueDate: wanted.dueDate };
  const copy = { from: refOf(quotation.document), to: 'order', ...dates, quantities: null } as const;
  try {
    const order = await erp.copyDocument(caller, copy, key);
    const base = order.lines[0]?.base;
    const before = await erp.getDocument(caller, refOf(quotation.document));
    await putAway(scene, order, key);
    if (order.isDraft) return notAsked('An approval procedure made a draft of the order.');
    const after = await erp.getDocument(caller, refOf(quotation.document));
    return verdict(
      [
        [base?.docEntry === quotation.document.docEntry && base.kind === 'quotation', 'The order does not point back.'],
        [
          compare(order.total, quotation.document.total) === 0,
          `The totals are ${quotation.document.total} and ${order.total}.`,
        ],
        [before.status === 'closed', `A quotation that was copied whole is ${before.status}.`],
      ],
      `When the order is cancelled, the quotation is ${after.status}.`,
    );
  } finally {
    await putAway(scene, quotation.document, quotation.key);
  }
}

/** Makes documents and puts them away again. Source: reference 5.6, 8.1 to 8.5 and 10. */
export const writeChecks: readonly Check[] = [
  {
    name: 'write.draft',
    claim: 'An order draft is made, found by its key, removed, and gone; removing it again is fine.',
    covers: ['createDocument', 'removeDraft'],
    writes: true,
    run: withDocument(async (scene, wanted) => {
      const { erp, caller } = scene;
      const { key, document } = await made(scene, 'order', true, wanted);
      const found = await erp.findDocumentsByKey(caller, 'order', key);
      const foreign = await outcomeOf(() => erp.removeDraft(caller, document.docEntry, scene.newKey()));
      await putAway(scene, document, key);
      const again = await outcomeOf(() => erp.removeDraft(caller, document.docEntry, key));
      const gone = await erp.findDocumentsByKey(caller, 'order', key);
      return verdict([
        [found.length === 1 && found[0]?.docEntry === document.docEntry, 'It was not found by its key.'],
        [foreign === 'conflict', `Removing it under another key ended as ${foreign}.`],
        [again === 'done', `Removing it again ended as ${again}.`],
        [gone.length === 0, 'It is still found.'],
      ]);
    }),
  },
  {
    name: 'write.order',
    claim: 'An order is made with its key and prices, found by it, and cancelled; cancelling it again is fine.',
    covers: ['createOrder', 'cancelDocument'],
    writes: true,
    run: withDocument(async (scene, wanted) => {
      const { erp, caller } = scene;
      const key = scene.newKey();
      const draft: OrderDraft = {
        cardCode: wanted.cardCode,
        documentDate: wanted.documentDate,
        dueDate: wanted.dueDate,
        comments: wanted.comments,
        currency: wanted.currency ?? (await erp.getCompanyRules(caller)).localCurrency,
        lines: wanted.lines.map(({ itemCode, quantity }, lineId) => ({
          lineId,
          itemCode,
          quantity,
          unitPrice: '10',
          discountPercent: '0',
        })),
      };
      const order = await erp.createOrder(caller, draft, key);
      const found = await erp.findOrdersByKey(caller, key, wanted.cardCode);
      const document = await erp.getDocument(caller, {
        kind: 'order',
        isDraft: order.document === 'draft',
        docEntry: order.docEntry,
      });
      await putAway(scene, document, key);
      if (document.isDraft) return holds('An approval procedure made a draft of it, which was found and removed.');
      const again = await erp.cancelDocument(caller, document, null);
      return verdict([
        [found.length === 1 && found[0]?.docEntry === order.docEntry, 'It was not found by its key, or not alone.'],
        [document.key === key, 'Its key is another one.'],
        [document.lines[0]?.quantity === '2', `The quantity is ${document.lines[0]?.quantity}.`],
        [again.status === 'cancelled', `It is ${again.status}.`],
      ]);
    }),
  },
  {
    name: 'write.stale',
    claim: 'A change is refused when somebody has changed the document since it was read.',
    covers: ['closeDocument'],
    writes: true,
    run: withDocument(async (scene, wanted) => {
      const { erp, caller } = scene;
      const { key, document } = await made(scene, 'order', false, wanted);
      if (document.isDraft || document.version === null) {
        await putAway(scene, document, key);
        return notAsked('The order has no version to go by.');
      }
      const stale = await outcomeOf(() => erp.closeDocument(caller, document, (document.version ?? 0) + 7));
      const closed = await erp.closeDocument(caller, document, document.version);
      const again = await outcomeOf(() => erp.closeDocument(caller, document, null));
      scene.left.push(`${nameOf(document)}, closed`);
      return verdict([
        [stale === 'conflict', `With another version it ended as ${stale}.`],
        [closed.status === 'closed', `It is ${closed.status}.`],
        [again === 'done', `Closing it again ended as ${again}.`],
      ]);
    }),
  },
  {
    name: 'write.copy',
    claim: 'A quotation becomes an order, line by line, at the same total, and is closed by it.',
    covers: ['copyDocument'],
    writes: true,
    run: withDocument(copies),
  },
  {
    name: 'write.refused',
    claim: 'A document that SAP refuses is not made: an unknown item, an unknown customer.',
    writes: true,
    run: withDocument(async (scene, wanted) => {
      const { erp, caller } = scene;
      const attempt = async (document: NewErpDocument) => {
        const key = scene.newKey();
        const outcome = await outcomeOf(() =>
          erp.createDocument(caller, { kind: 'order', asDraft: false }, document, key),
        );
        const found = await erp.findDocumentsByKey(caller, 'order', key);
        for (const one of found) await putAway(scene, one, key);
        return { outcome, made: found.length };
      };
      const item = await attempt({ ...wanted, lines: wanted.lines.map((line) => ({ ...line, itemCode: '~none~' })) });
      const customer = await attempt({ ...wanted, cardCode: '~none~' });
      return verdict([
        [item.made + customer.made === 0, 'One was made all the same.'],
        [item.outcome === 'rejected', `An unknown item ended as ${item.outcome}.`],
        [customer.outcome === 'rejected', `An unknown customer ended as ${customer.outcome}.`],
      ]);
    }),
  },
  {
    name: 'write.ledger',
    claim: 'Where the ledger table is there, a second document of the same key is not made.',
    writes: true,
    run: withDocument(async (scene, wanted) => {
      const { erp, caller } = scene;
      if ((await erp.handoffGuard(caller)) !== 'ledger') return notAsked('The ledger table is not there.');
      const { key, document } = await made(scene, 'order', false, wanted);
      const again = await outcomeOf(() => erp.createDocument(caller, { kind: 'order', asDraft: false }, wanted, key));
      const found = await erp.findDocumentsByKey(caller, 'order', key);
      for (const one of found) await putAway(scene, one, key);
      scene.left.push(`row ${key} of the ledger table`);
      if (found.length !== 1 || found[0]?.docEntry !== document.docEntry)
        return differs(`There are ${found.length} of them; the second ended as ${again}.`);
      return holds(`The second ended as ${again}.`);
    }),
  },
];
