import { z } from 'zod';
import { Instant } from './common.ts';

/** Body of `POST /api/settings/removal`: the name of the company, typed by the admin. */
export const RemovalBody = z.strictObject({ companyName: z.string().max(500) });
export type RemovalBody = z.infer<typeof RemovalBody>;

/** Whether this company's data is being removed, and how far that is. Once it is done, there is no company to ask for. */
export const RemovalView = z.object({
  state: z.enum(['none', 'running']),
  /** What has to be typed to begin. */
  companyName: z.string(),
  askedAt: Instant.nullable(),
  steps: z.array(
    z.object({
      step: z.enum(['webhooks', 'sap_events', 'access', 'data']),
      /** `left`: given up after a while; the sentence says what to do by hand. */
      state: z.enum(['waiting', 'done', 'left']),
      sentence: z.string(),
    }),
  ),
});
export type RemovalView = z.infer<typeof RemovalView>;
