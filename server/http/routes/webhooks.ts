import { createHash, createHmac } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { createPlaces, type Places } from '../places.ts';
import {
  BODY_PACE,
  type BodyPace,
  type BodyRoom,
  createBodyRoom,
  NoRoomError,
  type RawBody,
  readRawBody,
} from '../read-raw-body.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { UseCases } from '../use-cases.ts';

export interface WebhookLimits {
  /** Deliveries at once in this process, and of one installation. */
  readonly atOnce: number;
  readonly ofOneInstallation: number;
  /** Bytes of bodies that are read or wait to be stored. */
  readonly bytes: number;
  readonly pace: BodyPace;
  /** So long, in milliseconds, everything may take; then the sender is told to come back, before it gives up itself. */
  readonly answerMs: number;
}

export interface WebhookOptions {
  readonly useCases: Pick<UseCases, 'findDeliveryCaller' | 'receiveDelivery' | 'noteMissedDelivery'>;
  readonly logger: Logger;
  readonly limits?: Partial<WebhookLimits>;
}

/** Pipedrive gives up after 10 s (reference pipedrive-api.md, section 3.4). */
const ANSWER_MS = 8_000;
const DEFAULT_LIMITS: WebhookLimits = {
  atOnce: 400,
  ofOneInstallation: 300,
  bytes: 64 * 1_048_576,
  pace: BODY_PACE,
  answerMs: ANSWER_MS,
};
const LONGEST_SECRET = 256;
/** An answer may go out before a body of this size was read; the sender of a larger one is cut off. */
const SMALL_BODY = 16_384;

interface Receiver extends WebhookOptions {
  readonly places: Places;
  readonly room: BodyRoom;
  readonly most: WebhookLimits;
}

/**
 * Pipedrive's deliveries. Ten answers other than 2xx get a webhook banned, so no payload is refused: what is ours is
 * stored and answered 200, readable or not. 401: not ours, and nothing of its body was read. 503: could not be stored, or
 * there are too many at once: send it again. Above capacity the sender is told so at once, and gap filling finds the rest.
 */
export function addWebhookRoutes(table: RouteTable, options: WebhookOptions): void {
  const most = { ...DEFAULT_LIMITS, ...options.limits };
  const places = createPlaces(most.atOnce, most.ofOneInstallation);
  const receiver: Receiver = { ...options, most, places, room: createBodyRoom(most.bytes) };
  const receive: RequestHandler = async (req, res) => {
    const { secret } = req.params;
    res.once('close', () => noteMissed(options, secret, res));
    try {
      await receiveOne(receiver, req, res);
    } catch (cause) {
      const { requestId, route } = contextOf(req);
      options.logger.error('delivery not stored', cause, { requestId, route });
      if (!res.headersSent) res.set('Retry-After', '3');
      throw new UnavailableError('The delivery could not be stored. Send it again.', { cause });
    }
  };
  table.add({ method: 'post', path: '/webhooks/pipedrive/:secret', kind: 'data' }, receive);
}

async function receiveOne({ useCases, places, room, most }: Receiver, req: Request, res: Response): Promise<void> {
  const { secret } = req.params;
  const began = performance.now();
  const left = (): number => Math.max(1, most.answerMs - (performance.now() - began));
  const possible = typeof secret === 'string' && secret.length <= LONGEST_SECRET;
  const proof = possible ? { secret, authorization: onlyAuthorization(req), from: req.ip ?? '' } : undefined;
  const caller = proof && (await within(left(), useCases.findDeliveryCaller(proof)));
  if (!caller) {
    if (!isSmall(req)) res.set('Connection', 'close');
    res.status(401).end();
    return;
  }
  const { installationId } = caller;
  if (!places.take(installationId)) return comeBack(res);
  const mac = createHmac('sha256', proof.secret);
  let raw: RawBody;
  try {
    const pace = { ...most.pace, wholeMs: Math.min(most.pace.wholeMs, left()) };
    raw = await readRawBody(req, { room, pace, onBytes: (bytes) => mac.update(bytes) });
  } catch (error) {
    places.leave(installationId);
    // Whoever has gone in the middle, or drips, has sent no delivery and waits for no answer.
    if (error instanceof NoRoomError) comeBack(res);
    else res.destroy();
    return;
  }
  if (raw.tooLarge) res.set('Connection', 'close');
  // Memory and place are free once the database is done with it, also where the sender was answered before.
  const stored = useCases
    .receiveDelivery(caller, { headers: keptHeaders(req), ...raw, mac: mac.digest() })
    .finally(() => {
      room.give(raw.body.length);
      places.leave(installationId);
    });
  const outcome = await within(left(), stored);
  res.status(outcome === 'not_ours' || outcome === 'refused' ? 401 : 200).end();
}

/** Whatever kept it from being taken, and also where the sender did not wait for the answer. */
function noteMissed({ useCases }: WebhookOptions, secret: unknown, res: Response): void {
  const isMissed = res.statusCode === 503 || !res.writableFinished;
  if (isMissed && typeof secret === 'string' && secret.length <= LONGEST_SECRET)
    useCases.noteMissedDelivery(createHash('sha256').update(secret).digest());
}

function comeBack(res: Response): void {
  res.set({ 'Retry-After': '3', Connection: 'close' }).status(503).end();
}

/** @throws {UnavailableError} when the work takes longer; it goes on all the same */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError('The database is too slow.')), milliseconds);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function isSmall(req: Request): boolean {
  return Number(req.headers['content-length'] ?? Number.NaN) <= SMALL_BODY;
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
