import type { Registry } from 'prom-client';
import type { Secret } from '../../app/ports/secrets.ts';
import type { RouteTable } from '../route-table.ts';
import { bearerToken, sameSecret } from '../same-secret.ts';
import { UnauthenticatedError } from '../unauthenticated-error.ts';
import type { UseCases } from '../use-cases.ts';

export interface OperationsOptions {
  readonly useCases: Pick<UseCases, 'readiness'>;
  readonly registry: Registry;
  readonly metricsToken: Secret | undefined;
  /** True once the process has been told to stop: it still answers, but wants no new work. */
  readonly isStopping: () => boolean;
}

/** For whoever runs the program. `/healthz`: alive. `/readyz`: may be given work. `/metrics`: Prometheus text. */
export function addOperationsRoutes(table: RouteTable, options: OperationsOptions): void {
  table.add({ method: 'get', path: '/healthz', kind: 'data' }, (_req, res) => {
    res.json({ status: 'ok' });
  });

  table.add({ method: 'get', path: '/readyz', kind: 'data' }, async (_req, res) => {
    const { database, migrations } = await options.useCases.readiness();
    const stopping = options.isStopping();
    const ready = database && migrations && !stopping;
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', database, migrations, stopping });
  });

  table.add({ method: 'get', path: '/metrics', kind: 'data' }, async (req, res) => {
    const given = bearerToken(req.headers.authorization);
    if (
      options.metricsToken !== undefined &&
      !(given !== undefined && sameSecret(given, options.metricsToken.reveal()))
    ) {
      throw new UnauthenticatedError('The metrics are for whoever has METRICS_TOKEN.', 'token_missing');
    }
    res.set('Content-Type', options.registry.contentType).send(await options.registry.metrics());
  });
}
