import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import type { Secret } from '../../app/ports/secrets.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import { byAddress, type RateLimit, rateLimit } from '../middleware/rate-limit.ts';
import { readInput } from '../read-input.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import { basicCredentials, sameSecret } from '../same-secret.ts';
import type { UseCases } from '../use-cases.ts';

export interface AppNoticeOptions {
  readonly useCases: Pick<UseCases, 'uninstall'>;
  readonly logger: Logger;
  readonly clientId: string;
  /** The one of now: a notice signed with the one before is refused, and a refused grant tells of it later. */
  readonly clientSecret: Secret;
  readonly clock: Clock;
  readonly limit: RateLimit;
}

const Id = z.union([
  z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number)
    .refine(Number.isSafeInteger, 'is too large for an id'),
]);

/** As documented; `timestamp` has no documented format. */
const UninstallBody = z.object({
  client_id: z.string().optional(),
  company_id: Id,
  user_id: Id.nullish(),
  timestamp: z.unknown().optional(),
});

const readJson = express.json({ limit: '16kb', type: () => true });

/**
 * What Pipedrive itself tells the callback address, with the app's credentials (HTTP Basic): DELETE for a user who has
 * uninstalled, POST for an app that was shared. Checked before a byte of the body is read.
 */
export function addAppNoticeRoutes(table: RouteTable, options: AppNoticeOptions): void {
  const fromPipedrive = requireAppCredentials(options);
  const path = '/oauth/callback';

  table.add({ method: 'delete', path, kind: 'data' }, fromPipedrive, mayBeUnreadable, readJson, async (req, res) => {
    const body = readInput(UninstallBody, req.body);
    const isOfAnotherApp = body.client_id !== undefined && body.client_id !== options.clientId;
    contextOf(req).reason = isOfAnotherApp ? 'notice_of_another_app' : undefined;
    if (isOfAnotherApp) {
      res.status(401).end();
      return;
    }
    const at = instantOf(body.timestamp);
    await options.useCases.uninstall({ companyId: String(body.company_id), userId: body.user_id ?? null, at });
    res.status(204).end();
  });

  // Sharing grants nothing: each person still installs for themself. The address must answer, no more.
  table.add({ method: 'post', path, kind: 'data' }, fromPipedrive, (req, res) => {
    options.logger.info('app sharing notice', { requestId: contextOf(req).requestId });
    res.status(204).end();
  });
}

/** Stands until the body has been read: whatever ends the request before is one that cannot be. */
const mayBeUnreadable: RequestHandler = (req, _res, next) => {
  contextOf(req).reason = 'notice_unreadable';
  next();
};

/** Right credentials always pass; wrong ones are answered ever more shortly, and nothing that follows them is read. */
function requireAppCredentials({ clientId, clientSecret, limit, clock }: AppNoticeOptions): RequestHandler {
  const expected = `${clientId}:${clientSecret.reveal()}`;
  const forged = rateLimit(limit, clock, byAddress);
  return (req, res, next) => {
    const given = basicCredentials(req.headers.authorization);
    if (given !== undefined && sameSecret(given, expected)) return next();
    contextOf(req).reason = 'forged_notice';
    res.set('Connection', 'close');
    forged(req, res, () => {
      res.set('WWW-Authenticate', 'Basic realm="Orderline"').status(401).end();
    });
  };
}

/** Without a zone: as Pipedrive writes its other times so, in UTC; else it would be read by the clock of this machine. */
const WITHOUT_ZONE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/;

function instantOf(timestamp: unknown): Date | null {
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return null;
  const at = new Date(typeof timestamp === 'string' ? timestamp.replace(WITHOUT_ZONE, '$1T$2Z') : timestamp);
  return Number.isNaN(at.getTime()) ? null : at;
}
