import type { CompanyState } from '../company/state.ts';
import { ApiFailure } from '../failures.ts';
import type { UserRecord } from '../records.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const ADMIN_ONLY = new Set(['can_add_custom_fields', 'can_delete_custom_fields', 'can_edit_custom_fields']);
const PERMISSIONS = [
  ...ADMIN_ONLY,
  'can_add_products',
  'can_bulk_edit_items',
  'can_delete_deals',
  'can_edit_products',
  'can_merge_deals',
  'can_merge_organizations',
  'can_merge_people',
  'can_see_other_users',
  'can_use_api',
];

export const userRoutes: readonly Route[] = [
  {
    version: 'v1',
    method: 'GET',
    path: '/users/me',
    scopes: [],
    handle: (call) => ok({ ...userView(call, call.actor.user), ...companyPart(call.company, call.actor.user) }),
  },
  {
    version: 'v1',
    method: 'GET',
    path: '/users',
    scopes: ['users:read', 'admin'],
    handle: (call) => ok([...call.company.users.values()].map((user) => userView(call, user))),
  },
  {
    version: 'v1',
    method: 'GET',
    path: '/users/{id}',
    scopes: ['users:read', 'admin'],
    handle: (call) => {
      const user = call.company.users.get(idOf(call));
      if (!user) throw new ApiFailure(404, { success: false, error: 'User not found' });
      return ok(userView(call, user));
    },
  },
  {
    version: 'v1',
    method: 'GET',
    path: '/users/{id}/permissions',
    scopes: ['users:read'],
    handle: (call) => {
      const user = call.company.users.get(idOf(call));
      if (!user) throw new ApiFailure(404, { success: false, error: 'User not found' });
      return ok(Object.fromEntries(PERMISSIONS.map((name) => [name, user.is_admin || !ADMIN_ONLY.has(name)])));
    },
  },
  {
    version: 'v1',
    method: 'GET',
    path: '/currencies',
    scopes: [],
    handle: (call) =>
      ok(
        call.company.currencies.map((currency, index) => ({
          id: index + 1,
          ...currency,
        })),
      ),
  },
];

function userView(call: ApiCall, user: UserRecord) {
  const set = (app: string, admin: boolean) => ({
    app,
    admin,
    permission_set_id: `00000000-0000-4000-8000-${app.padStart(12, '0').slice(0, 12)}`,
  });
  return {
    id: user.id,
    name: user.name,
    default_currency: user.default_currency,
    locale: user.locale,
    lang: 1,
    email: user.email,
    phone: null,
    activated: true,
    last_login: '2026-01-05 08:00:00',
    created: '2024-01-05 08:00:00',
    modified: null,
    has_created_company: false,
    // Only admins of the account settings have that entry at all.
    access: [
      set('sales', user.is_admin),
      set('global', user.is_admin),
      ...(user.is_admin ? [set('account_settings', true)] : []),
    ],
    active_flag: user.active_flag,
    timezone_name: user.timezone_name,
    timezone_offset: '+01:00',
    role_id: 1,
    icon_url: null,
    is_admin: user.is_admin ? 1 : 0,
    is_you: user.id === call.actor.user.id,
    is_deleted: false,
  };
}

function companyPart(company: CompanyState, user: UserRecord) {
  return {
    company_id: company.id,
    company_name: company.name,
    company_domain: company.domain,
    company_country: 'DE',
    company_industry: 'Wholesale',
    language: user.language,
  };
}
