import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { createPlaces, type Places } from '../places.ts';
import {
  BODY_PACE,
  type BodyPace,
  type BodyRoom,
  createBodyRoom,
  readRawBody,
  WHOLE_BODY_LIMIT,
} from '../read-raw-body.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { UseCases } from '../use-cases.ts';

export interface SapWebhookOptions {
  readonly useCases: Pick<UseCases, 'isErpCaller' | 'receiveErpEvents' | 'answerErpHandshake'>;
  readonly logger: Logger;
  readonly pace?: BodyPace | undefined;
}

/** Deliveries at once, in all and at one address; each holds up to 1 MB. SAP comes back after a 503, and polling finds the rest. */
const MAX_AT_ONCE = 50;
const MAX_OF_ONE = 30;
/** Look-ups in the database at once: guesses must not keep its connections from everybody else. */
const MAX_LOOKUPS = 50;
const LONGEST_SECRET = 256;

/**
 * Events of SAP servers (feature pack 2602 and later). SAP repeats what is answered 5xx, 408 or 429 and nothing else, and
 * stops a subscription whose deliveries keep failing: only what cannot be stored is answered 503.
 */
export function addSapWebhookRoutes(table: RouteTable, options: SapWebhookOptions): void {
  const lookups = createPlaces(MAX_LOOKUPS);
  table.add({ method: 'get', path: '/webhooks/sap/:secret', kind: 'data' }, handshake(options, lookups));
  table.add({ method: 'post', path: '/webhooks/sap/:secret', kind: 'data' }, receiver(options, lookups));
}

/** SAP's sample endpoint answers HEAD too; it says nothing about whether there is such an address. */
function handshake({ useCases }: SapWebhookOptions, lookups: Places): RequestHandler {
  return async (req, res) => {
    if (req.method === 'HEAD') {
      res.status(200).end();
      return;
    }
    const secret = secretOf(req);
    const token = req.get('x-b1-webhook-token');
    const answer = secret && (await lookUp(lookups, () => useCases.answerErpHandshake(token, proofOf(req, secret))));
    if (answer === 'too_many') comeBack(res);
    else if (!answer) res.status(401).end();
    else res.json({ Challenge: answer.challenge });
  };
}

function receiver({ useCases, logger, pace = BODY_PACE }: SapWebhookOptions, lookups: Places): RequestHandler {
  const places = createPlaces(MAX_AT_ONCE, MAX_OF_ONE);
  const room = createBodyRoom(MAX_AT_ONCE * WHOLE_BODY_LIMIT);
  return async (req, res) => {
    const secret = secretOf(req);
    try {
      const caller = secret && (await lookUp(lookups, () => useCases.isErpCaller(proofOf(req, secret))));
      if (caller === 'too_many') {
        comeBack(res);
      } else if (!secret || !caller) {
        res.set('Connection', 'close').status(401).end();
      } else if (!places.take(secret)) {
        comeBack(res);
      } else {
        await receiveOne({ useCases, room, pace }, { req, res, secret }).finally(() => places.leave(secret));
      }
    } catch (cause) {
      const { requestId, route } = contextOf(req);
      logger.error('events of SAP not stored', cause, { requestId, route });
      throw new UnavailableError('The events could not be stored. Send them again.', { cause });
    }
  };
}

async function receiveOne(
  { useCases, room, pace }: Pick<SapWebhookOptions, 'useCases'> & { room: BodyRoom; pace: BodyPace },
  { req, res, secret }: { req: Request; res: Response; secret: string },
): Promise<void> {
  // Rejected when the sender has gone in the middle, or drips.
  const raw = await readRawBody(req, { room, pace }).catch(() => undefined);
  if (!raw) {
    res.destroy();
    return;
  }
  try {
    if (raw.tooLarge) {
      res.set('Connection', 'close').status(413).end();
      return;
    }
    const result = await useCases.receiveErpEvents({ ...proofOf(req, secret), signed: raw.body });
    res.status(result === 'accepted' ? 200 : 401).end();
  } finally {
    room.give(raw.body.length);
  }
}

/** All look-ups share the places, whoever they are for. */
async function lookUp<T>(lookups: Places, work: () => Promise<T>): Promise<T | 'too_many'> {
  if (!lookups.take('all')) return 'too_many';
  try {
    return await work();
  } finally {
    lookups.leave('all');
  }
}

function comeBack(res: Response): void {
  res.set({ 'Retry-After': '3', Connection: 'close' }).status(503).end();
}

function secretOf({ params }: Request): string | undefined {
  const { secret } = params;
  return typeof secret === 'string' && secret.length <= LONGEST_SECRET ? secret : undefined;
}

function proofOf(req: Request, secret: string) {
  return { secret, authorization: req.headers.authorization, signature: req.get('x-b1-webhook-signature') };
}
