import type { Request, RequestHandler } from 'express';
import { UnavailableError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { readRawBody } from '../read-raw-body.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { UseCases } from '../use-cases.ts';

export interface SapWebhookOptions {
  readonly useCases: Pick<UseCases, 'receiveErpEvents' | 'answerErpHandshake'>;
  readonly logger: Logger;
}

/** Deliveries at once; each holds up to 1 MB. SAP comes back after a 503, and polling finds the rest. */
const MAX_AT_ONCE = 50;
const LONGEST_SECRET = 256;

/**
 * Events of SAP servers (feature pack 2602 and later). SAP repeats what is answered 5xx, 408 or 429 and nothing else, and
 * stops a subscription whose deliveries keep failing: only what cannot be stored is answered 503.
 */
export function addSapWebhookRoutes(table: RouteTable, options: SapWebhookOptions): void {
  table.add({ method: 'get', path: '/webhooks/sap/:secret', kind: 'data' }, handshake(options));
  table.add({ method: 'post', path: '/webhooks/sap/:secret', kind: 'data' }, receiver(options));
}

/** SAP's sample endpoint answers HEAD too; it says nothing about whether there is such an address. */
function handshake({ useCases }: SapWebhookOptions): RequestHandler {
  return async (req, res) => {
    if (req.method === 'HEAD') {
      res.status(200).end();
      return;
    }
    const secret = secretOf(req);
    const answer = secret && (await useCases.answerErpHandshake(req.get('x-b1-webhook-token'), proofOf(req, secret)));
    if (!answer) res.status(401).end();
    else res.json({ Challenge: answer.challenge });
  };
}

function receiver({ useCases, logger }: SapWebhookOptions): RequestHandler {
  let underWay = 0;
  return async (req, res) => {
    const secret = secretOf(req);
    if (!secret || underWay >= MAX_AT_ONCE) {
      res.set('Connection', 'close').status(secret ? 503 : 401);
      if (secret) res.set('Retry-After', '3');
      res.end();
      return;
    }
    underWay += 1;
    try {
      // Rejected when the sender has gone in the middle.
      const raw = await readRawBody(req).catch(() => undefined);
      if (!raw) {
        res.destroy();
      } else if (raw.tooLarge) {
        res.set('Connection', 'close').status(413).end();
      } else {
        const result = await useCases.receiveErpEvents({ ...proofOf(req, secret), signed: raw.body });
        res.status(result === 'accepted' ? 200 : 401).end();
      }
    } catch (cause) {
      const { requestId, route } = contextOf(req);
      logger.error('events of SAP not stored', cause, { requestId, route });
      throw new UnavailableError('The events could not be stored. Send them again.', { cause });
    } finally {
      underWay -= 1;
    }
  };
}

function secretOf({ params }: Request): string | undefined {
  const { secret } = params;
  return typeof secret === 'string' && secret.length <= LONGEST_SECRET ? secret : undefined;
}

function proofOf(req: Request, secret: string) {
  return { secret, authorization: req.headers.authorization, signature: req.get('x-b1-webhook-signature') };
}
