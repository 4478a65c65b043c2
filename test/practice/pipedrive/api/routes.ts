import { contactRoutes } from './contacts.ts';
import { dealRoutes } from './deals.ts';
import { fieldRoutes } from './fields.ts';
import { lineRoutes } from './lines.ts';
import { noteRoutes } from './notes.ts';
import { pipelineRoutes } from './pipelines.ts';
import { productRoutes } from './products.ts';
import type { Route } from './route.ts';
import { searchRoutes } from './search.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';

/** Every call that the practice Pipedrive serves. */
export const ROUTES: readonly Route[] = [
  ...contactRoutes,
  ...productRoutes,
  ...dealRoutes,
  ...lineRoutes,
  ...fieldRoutes,
  ...pipelineRoutes,
  ...searchRoutes,
  ...userRoutes,
  ...noteRoutes,
  ...webhookRoutes,
];
