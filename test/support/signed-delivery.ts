import { createHmac, randomUUID } from 'node:crypto';
import type { PracticeCompany } from '../practice/pipedrive/start.ts';

/** `wrong`: made with another secret. */
export type Signing = 'signed' | 'unsigned' | 'wrong';

/** Posts a notification of a deal as it comes through a gateway in front of the app. @returns the status */
export async function deliverThroughGateway(
  { id, webhooks }: { readonly id: number; readonly webhooks: PracticeCompany['webhooks'] },
  signing: Signing,
): Promise<number> {
  const hook = webhooks().find((one) => one.event_object === 'deal' && one.event_action === 'change');
  if (!hook) throw new Error('There is no webhook.');
  const meta = { action: 'change', entity: 'deal', entity_id: '1', id: randomUUID(), company_id: String(id) };
  const body = JSON.stringify({ meta, data: null, previous: null });
  const secret = signing === 'wrong' ? 'guess' : (hook.subscription_url.split('/').at(-1) ?? '');
  const credentials = Buffer.from(`${hook.http_auth_user}:${hook.http_auth_password}`).toString('base64');
  const headers = new Headers({ authorization: `Basic ${credentials}`, 'content-type': 'application/json' });
  if (signing !== 'unsigned') {
    headers.set('x-pipedrive-signature', createHmac('sha256', secret).update(body).digest('hex'));
  }
  const answer = await fetch(hook.subscription_url, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}
