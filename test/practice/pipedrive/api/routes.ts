import { activityRoutes } from './activities.ts';
import { contactRoutes } from './contacts.ts';
import { dealPartRoutes } from './deal-parts.ts';
import { dealRoutes } from './deals.ts';
import { fieldRoutes } from './fields.ts';
import { fileRoutes } from './files.ts';
import { filterRoutes } from './filters.ts';
import { lineRoutes } from './lines.ts';
import { mergeRoutes } from './merges.ts';
import { noteRoutes } from './notes.ts';
import { pipelineRoutes } from './pipelines.ts';
import { productPartRoutes } from './product-parts.ts';
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
  ...dealPartRoutes,
  ...productPartRoutes,
  ...activityRoutes,
  ...fileRoutes,
  ...filterRoutes,
  ...fieldRoutes,
  ...pipelineRoutes,
  ...searchRoutes,
  ...userRoutes,
  ...mergeRoutes,
  ...noteRoutes,
  ...webhookRoutes,
];
