import { randomBytes } from 'node:crypto';
import { differs, type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { type Maker, making, refusalOf } from '../maker.ts';
import type { Scene } from '../scene.ts';

const NO_RECEIVER = 'It needs an address that Pipedrive can reach; run again with --receiver.';
/** Where nothing is ever sent, since the name of what is asked for is wrong. */
const ANY_ADDRESS = 'https://example.com/';

async function makeHook({ crm, caller }: Scene, maker: Maker, url: string, object: string): Promise<number> {
  const secret = randomBytes(16).toString('hex');
  // Pipedrive lists everybody's to a personal token; ours are known by this beginning of their name.
  const create = (name: string) =>
    crm.createWebhook(caller, { name, url, object, action: 'change', user: 'suite', password: secret });
  return maker.make('webhook', create);
}

async function webhook(scene: Scene, maker: Maker): Promise<Found> {
  const { receiver: url } = scene.options;
  if (url === null) return notAsked(NO_RECEIVER);
  const { crm, caller } = scene;
  const id = await makeHook(scene, maker, url, 'deal');
  const listed = (await crm.listWebhooks(caller)).find((one) => one.id === id);
  await crm.deleteWebhook(caller, id);
  const later = await crm.listWebhooks(caller);
  return verdict(
    [
      [listed?.url === url && listed.object === 'deal', 'It is not listed as it was made.'],
      [listed?.active === true, 'It is not active.'],
      [later.every((one) => one.id !== id), 'It is still listed once it is deleted.'],
    ],
    `Its user is ${listed?.user === 'suite' ? 'shown' : 'not shown'}.`,
  );
}

async function dealProducts(scene: Scene, maker: Maker): Promise<Found> {
  const { receiver: url } = scene.options;
  if (url === null) return notAsked(NO_RECEIVER);
  await makeHook(scene, maker, url, 'deal_product');
  return holds();
}

async function names(scene: Scene, maker: Maker): Promise<Found> {
  const refusal = await refusalOf(() =>
    maker.post('webhook', (name) => ({
      name,
      subscription_url: scene.options.receiver ?? ANY_ADDRESS,
      event_action: 'change',
      event_object: 'orderline_no_such_object',
      version: '2.0',
    })),
  );
  return refusal === undefined ? differs('It is taken.') : holds(`Refused: ${refusal}`);
}

/** Makes webhooks, and removes them. Source: reference 3.1 and 10. */
export const webhookWriteChecks: readonly Check[] = [
  {
    name: 'write.webhook',
    claim: 'A webhook is made without the scope admin, listed as active, and deleted.',
    covers: ['createWebhook', 'deleteWebhook'],
    writes: true,
    run: making(webhook),
  },
  {
    name: 'write.webhook-lines',
    claim: 'deal_product may be subscribed to.',
    writes: true,
    run: making(dealProducts),
  },
  {
    name: 'write.webhook-names',
    claim: 'A webhook for something unknown is refused; the words may tell what there is.',
    writes: true,
    run: making(names),
  },
];
