import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../kernel/clock.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { type RateLimit, rateLimit } from '../middleware/rate-limit.ts';
import { requireAdmin } from '../middleware/require-admin.ts';
import { contextOf, principalOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { TokenVerifier } from '../token-verifier.ts';
import type { UseCases } from '../use-cases.ts';

export interface ExportOptions {
  readonly useCases: Pick<UseCases, 'authenticate' | 'isAdminNow' | 'exportInstallation'>;
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
  /** Per installation. */
  readonly limit: RateLimit;
}

/**
 * Everything that is stored of a company, as a file, for its admins. Not in the contract of `/api`: it is no view but a stream. When
 * it breaks off, the connection is cut, so that nobody takes half of it for the whole.
 */
export function addExportRoute(table: RouteTable, options: ExportOptions): void {
  const { useCases, verifier, clock, limit } = options;
  table.add(
    { method: 'get', path: '/api/settings/export', kind: 'data' },
    authenticate(verifier, useCases),
    requireAdmin(useCases),
    rateLimit(limit, clock, (req) => principalOf(req).installationId),
    async (req, res) => {
      const file = await useCases.exportInstallation(principalOf(req), contextOf(req).requestId);
      res.status(200).set({
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Disposition': `attachment; filename="${file.name}"`,
      });
      await pipeline(Readable.from(file.pieces), res);
    },
  );
}
