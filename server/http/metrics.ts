import { Counter, Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  observe(request: { method: string; route: string; status: number; ms: number }): void;
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** Labels are route patterns and never addresses: their number is bounded and they hold no secret. */
export function createHttpMetrics(registry: Registry): HttpMetrics {
  const count = new Counter({
    name: 'orderline_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'orderline_http_request_seconds',
    help: 'Time until a request was answered',
    labelNames: ['route'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    observe({ method, route, status, ms }) {
      count.inc({ method: METHODS.has(method) ? method : 'other', route, status });
      seconds.observe({ route }, ms / 1000);
    },
  };
}
