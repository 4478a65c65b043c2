import type { ServerResponse } from 'node:http';
import { invalidSession, SapError } from '../errors.ts';
import type { StruckFault } from '../faults.ts';
import type { SlResponse } from '../messages.ts';
import { htmlPage } from './exchange.ts';
import type { OddBody } from './odd-bodies.ts';

export interface Answer extends SlResponse {
  readonly cookies?: readonly string[];
  readonly odd?: OddBody;
}

/** What is left of a request's life once it is known what will be said: `undefined` where the line is cut. */
export type Outcome = Answer | undefined;

/** What a fault can do with the request that it strikes. */
export interface Means {
  readonly carryOut: () => Answer;
  readonly carryOutLater: (delayMs: number) => void;
  readonly refuse: (error: SapError) => SlResponse;
  readonly endSession: () => void;
  readonly res: ServerResponse;
}

const PROXY_ERROR = 'The proxy server received an invalid response from an upstream server.';

/** What comes of a request that a fault strikes. */
export async function misbehave(struck: StruckFault, means: Means): Promise<Outcome> {
  const { fault } = struck;
  const { carryOut, refuse } = means;
  switch (fault.kind) {
    case 'drop_before':
      return undefined;
    case 'html_502_before':
      return htmlPage(502, 'Proxy Error', PROXY_ERROR);
    case 'reject':
      return refuse(new SapError(fault.status ?? 400, fault.code ?? -10, fault.message ?? 'Refused'));
    case 'switch_company_305':
      return refuse(new SapError(500, 305, 'Switch company error: -1102'));
    case 'session_lost':
      means.endSession();
      return refuse(invalidSession());
    case 'late_commit':
      means.carryOutLater(fault.delayMs ?? 60_000);
      return undefined;
    case 'hang':
      await closed(means.res);
      return undefined;
    case 'drop_after_commit':
      carryOut();
      return undefined;
    case 'html_502_after_commit':
      carryOut();
      return htmlPage(502, 'Proxy Error', PROXY_ERROR);
    case 'empty_500_after_commit':
      carryOut();
      return { status: 500, headers: {}, body: '' };
    case 'empty_500_before':
      return { status: 500, headers: {}, body: '' };
    case 'html_200_after_commit':
      carryOut();
      return htmlPage(200, 'Welcome', 'Please sign in to the gateway.');
    case 'html_200':
      return htmlPage(200, 'Welcome', 'Please sign in to the gateway.');
    case 'error_with_200':
      return {
        ...refuse(new SapError(400, fault.code ?? -10, fault.message ?? 'Refused')),
        status: 200,
      };
    case 'empty_body':
      return { ...carryOut(), body: '' };
    case 'meanwhile':
      fault.meanwhile?.();
      return carryOut();
    case 'rewrite': {
      const answer = carryOut();
      return { ...answer, ...fault.rewrite?.(answer) };
    }
    case 'odd_body':
      return { ...carryOut(), odd: fault.body ?? 'truncated' };
    case 'slow': {
      const answer = carryOut();
      await Promise.race([struck.released, closed(means.res)]);
      return answer;
    }
  }
}

function closed(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) resolve();
    else res.once('close', resolve);
  });
}
