/**
 * Every call of Pipedrive's API that the app makes, by our name for it. Prices are generated for exactly these
 * (`npx tsx scripts/generate-pipedrive-costs.ts`); one that has no price does not compile.
 */
export const OPERATION_LIST = {
  getDeal: 'GET /api/v2/deals/{id}',
  listDeals: 'GET /api/v2/deals',
  updateDeal: 'PATCH /api/v2/deals/{id}',
  listDealLines: 'GET /api/v2/deals/{id}/products',
  getOrganization: 'GET /api/v2/organizations/{id}',
  listOrganizations: 'GET /api/v2/organizations',
  createOrganization: 'POST /api/v2/organizations',
  updateOrganization: 'PATCH /api/v2/organizations/{id}',
  getPerson: 'GET /api/v2/persons/{id}',
  listPersons: 'GET /api/v2/persons',
  createPerson: 'POST /api/v2/persons',
  updatePerson: 'PATCH /api/v2/persons/{id}',
  getProduct: 'GET /api/v2/products/{id}',
  listProducts: 'GET /api/v2/products',
  createProduct: 'POST /api/v2/products',
  updateProduct: 'PATCH /api/v2/products/{id}',
  listDealFields: 'GET /api/v2/dealFields',
  createDealField: 'POST /api/v2/dealFields',
  listOrganizationFields: 'GET /api/v2/organizationFields',
  createOrganizationField: 'POST /api/v2/organizationFields',
  listPersonFields: 'GET /api/v2/personFields',
  createPersonField: 'POST /api/v2/personFields',
  listProductFields: 'GET /api/v2/productFields',
  createProductField: 'POST /api/v2/productFields',
  getMe: 'GET /api/v1/users/me',
  listUsers: 'GET /api/v1/users',
  listNotes: 'GET /api/v1/notes',
  createNote: 'POST /api/v1/notes',
  listWebhooks: 'GET /api/v1/webhooks',
  createWebhook: 'POST /api/v1/webhooks',
  deleteWebhook: 'DELETE /api/v1/webhooks/{id}',
} as const;

export type OperationName = keyof typeof OPERATION_LIST;
/** Method, base path and path template, e.g. `GET /api/v2/deals/{id}`. */
export type OperationKey = (typeof OPERATION_LIST)[OperationName];
