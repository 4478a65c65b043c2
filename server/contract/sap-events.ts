import { z } from 'zod';
import { Instant } from './common.ts';

/** Whether SAP tells this app of changes by itself; without it changes are found some minutes later. */
export const SapEventsView = z.object({
  /** `waiting`: asked for, SAP has not agreed yet. */
  state: z.enum(['off', 'waiting', 'on', 'refused']),
  /** SAP's words when it refused. */
  words: z.string().nullable(),
  lastEventAt: Instant.nullable(),
});
export type SapEventsView = z.infer<typeof SapEventsView>;

/** Body of `POST /api/settings/sap/events`. */
export const SapEventsBody = z.strictObject({ enabled: z.boolean() });
