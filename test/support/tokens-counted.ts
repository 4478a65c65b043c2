import type { LoggedRequest } from '../practice/kernel/request-log.ts';
import { matchRoute } from '../practice/pipedrive/api/route.ts';
import { ROUTES } from '../practice/pipedrive/api/routes.ts';
import { apiPath } from '../practice/pipedrive/http/serve-api.ts';
import { TOKEN_COSTS } from '../practice/pipedrive/token-costs.ts';

/** What these requests cost by the practice side's own reading of the prices, whatever the app has booked. */
export function tokensOf(requests: readonly LoggedRequest[]): number {
  return requests.reduce((sum, request) => sum + priceOf(request), 0);
}

/** @throws Error for a request that no route of the API takes */
function priceOf({ method, path }: LoggedRequest): number {
  const target = apiPath(new URL(path, 'http://practice').pathname);
  if (!target) return 0;
  const matched = matchRoute(ROUTES, target.version, method, target.path);
  const price = matched && TOKEN_COSTS[`${target.version} ${matched.route.method} ${matched.route.path}`];
  if (price === undefined) throw new Error(`${method} ${path} has no price.`);
  return price;
}
