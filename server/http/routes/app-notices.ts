import express, { type RequestHandler } from 'express';
import { z } from 'zod';
import type { Secret } from '../../app/ports/secrets.ts';
import type { Logger } from '../../kernel/logger.ts';
import { readInput } from '../read-input.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import { basicCredentials, sameSecret } from '../same-secret.ts';
import type { UseCases } from '../use-cases.ts';

export interface AppNoticeOptions {
  readonly useCases: Pick<UseCases, 'uninstall'>;
  readonly logger: Logger;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

const Id = z.union([
  z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number),
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
  const fromPipedrive = requireAppCredentials(`${options.clientId}:${options.clientSecret.reveal()}`);
  const path = '/oauth/callback';

  table.add({ method: 'delete', path, kind: 'data' }, fromPipedrive, readJson, async (req, res) => {
    const body = readInput(UninstallBody, req.body);
    if (body.client_id !== undefined && body.client_id !== options.clientId) {
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

function requireAppCredentials(expected: string): RequestHandler {
  return (req, res, next) => {
    const given = basicCredentials(req.headers.authorization);
    if (given !== undefined && sameSecret(given, expected)) return next();
    // Whatever else the sender wants to send is not read.
    res.set({ 'WWW-Authenticate': 'Basic realm="Orderline"', Connection: 'close' }).status(401).end();
  };
}

function instantOf(timestamp: unknown): Date | null {
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return null;
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime()) ? null : at;
}
