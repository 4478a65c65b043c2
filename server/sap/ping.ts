import { z } from 'zod';
import { UnavailableError } from '../kernel/errors.ts';
import type { SapCompany } from './company.ts';
import { parseJson } from './errors.ts';

/** What `GET /ping/` at the host's root told; many proxies hide it, which is no fault. */
export interface ServerPing {
  readonly answered: boolean;
  /** The server's clock less ours; null where it told no time. */
  readonly skewMs: number | null;
  readonly roundTripMs: number | null;
}

/** Service Layer's guide, "Ping API" (9.3 PL10 and later): epoch seconds with a fraction, as text. */
const Pong = z.object({
  message: z.literal('pong'),
  timestamp: z
    .union([z.string().regex(/^\d{1,12}(\.\d{1,9})?$/), z.number().positive()])
    .transform(Number)
    .nullable()
    .catch(null),
});

const SILENT: ServerPing = { answered: false, skewMs: null, roundTripMs: null };

/**
 * Asks the load balancer whether it lives and what time it has. No session is needed, and no answer is no fault.
 * @throws {ReauthRequiredError} the certificate cannot be accepted
 */
export async function pingServer(company: SapCompany): Promise<ServerPing> {
  const { clock, elapsed } = company.world;
  const startedAt = elapsed();
  const askedAt = clock.now().getTime();
  try {
    const answer = await company.look('/ping/');
    const roundTripMs = answer.waitedMs ?? elapsed() - startedAt;
    const pong = Pong.safeParse(parseJson(answer.body));
    if (answer.status !== 200 || !pong.success) return SILENT;
    const { timestamp } = pong.data;
    // The answer was written about half way through.
    const halfWay = askedAt + (clock.now().getTime() - askedAt) / 2;
    return { answered: true, skewMs: timestamp === null ? null : Math.round(timestamp * 1000 - halfWay), roundTripMs };
  } catch (error) {
    if (error instanceof UnavailableError) return SILENT;
    throw error;
  }
}
