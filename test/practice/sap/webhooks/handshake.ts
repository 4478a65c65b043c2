import { randomUUID } from 'node:crypto';
import type { Fields } from '../../kernel/json.ts';
import { isFields, parseJson, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { SapError } from '../errors.ts';
import type { SlRequest } from '../messages.ts';
import { parseKey, parseResource } from '../odata/resource.ts';
import { readPayload } from '../schema/payload.ts';
import { typeOfSet } from '../schema/schema.ts';
import { authHeaders } from './credentials.ts';
import type { WebhookAnswer, WebhookCall } from './post.ts';
import { checkedSubscription } from './subscriptions.ts';

type Call = (call: WebhookCall) => Promise<WebhookAnswer>;

/**
 * Shakes hands with a subscriber where the request is one that wants it, and leaves the outcome for whoever carries the
 * request out. A request that will be refused anyway calls nobody.
 */
export async function shakeHandsFor(company: Company, request: SlRequest, call: Call): Promise<void> {
  const subscription = wantsHandshake(company, request);
  if (subscription === undefined) return;
  company.handshakes.set(textOf(subscription, 'WebhookID'), await shakeHands(subscription, call));
}

function wantsHandshake(company: Company, request: SlRequest): Fields | undefined {
  if (request.method !== 'POST' || !request.path.startsWith('EventSubscriptions')) return undefined;
  try {
    const resource = parseResource(request.path);
    if (resource.name !== 'EventSubscriptions') return undefined;
    if (resource.key !== undefined) {
      const row = company.table('EventSubscriptions').get(parseKey(typeOfSet('EventSubscriptions'), resource.key));
      return ['Resume', 'Handshake', 'Replay'].includes(resource.rest) ? row : undefined;
    }
    const sent = parseJson(request.body);
    if (!isFields(sent)) return undefined;
    const subscription = checkedSubscription(
      company,
      readPayload(typeOfSet('EventSubscriptions'), sent, () => []),
    );
    return textOf(subscription, 'Handshake') === 'tYES' ? subscription : undefined;
  } catch (error) {
    if (error instanceof SapError) return undefined;
    throw error;
  }
}

async function shakeHands(subscription: Fields, call: Call): Promise<string> {
  const token = randomUUID();
  try {
    const answer = await call({
      method: 'GET',
      url: textOf(subscription, 'WebhookURL'),
      headers: { 'X-B1-Webhook-Token': token, ...authHeaders(subscription, token) },
      body: '',
    });
    const body = parseJson(answer.text);
    const echoed = isFields(body) && textOf(body, 'Challenge') === token;
    return answer.status === 200 && echoed ? '' : `the endpoint answered ${answer.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'no answer';
  }
}
