import { createHmac } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { readRawBody } from '../read-raw-body.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { UseCases } from '../use-cases.ts';

export interface WebhookOptions {
  readonly useCases: Pick<UseCases, 'receiveDelivery'>;
  readonly logger: Logger;
}

/** Deliveries at once; each holds up to 1 MB. Above that the sender is told to come back, and the sweep finds the rest. */
const MAX_AT_ONCE = 200;
const LONGEST_SECRET = 256;

/**
 * Pipedrive's deliveries. Ten answers other than 2xx get a webhook banned, so no payload is refused: what is ours is
 * stored and answered 200, readable or not. 401: not ours. 503: could not be stored, send it again.
 */
export function addWebhookRoutes(table: RouteTable, options: WebhookOptions): void {
  const receive = receiver(options);
  table.add({ method: 'post', path: '/webhooks/pipedrive/:secret', kind: 'data' }, receive);
}

function receiver(options: WebhookOptions): RequestHandler {
  let underWay = 0;
  return async (req, res) => {
    if (underWay >= MAX_AT_ONCE) {
      res.set({ 'Retry-After': '3', Connection: 'close' }).status(503).end();
      return;
    }
    underWay += 1;
    try {
      await receiveOne(options, req, res);
    } finally {
      underWay -= 1;
    }
  };
}

async function receiveOne({ useCases, logger }: WebhookOptions, req: Request, res: Response): Promise<void> {
  const { secret } = req.params;
  if (typeof secret !== 'string' || secret.length > LONGEST_SECRET) {
    res.set('Connection', 'close').status(401).end();
    return;
  }
  // Rejected when the sender has gone in the middle: what came is no delivery, and nobody waits for an answer.
  const mac = createHmac('sha256', secret);
  const raw = await readRawBody(req, (bytes) => mac.update(bytes)).catch(() => undefined);
  if (!raw) {
    res.destroy();
    return;
  }
  if (raw.tooLarge) res.set('Connection', 'close');
  const authorization = onlyAuthorization(req);
  try {
    const headers = keptHeaders(req);
    const result = await useCases.receiveDelivery({ secret, authorization, headers, ...raw, mac: mac.digest() });
    res.status(result === 'not_ours' ? 401 : 200).end();
  } catch (cause) {
    const { requestId, route } = contextOf(req);
    logger.error('delivery not stored', cause, { requestId, route });
    throw new UnavailableError('The delivery could not be stored. Send it again.', { cause });
  }
}

/** Node keeps the first of several Authorization headers; which one was meant is not ours to guess. */
function onlyAuthorization(req: Request): string | undefined {
  const names = req.rawHeaders.filter((_text, index) => index % 2 === 0);
  const given = names.filter((name) => name.toLowerCase() === 'authorization').length;
  return given === 1 ? req.headers.authorization : undefined;
}

const NOT_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization']);

function keptHeaders(req: Request): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    if (NOT_KEPT.has(name) || value === undefined) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}
