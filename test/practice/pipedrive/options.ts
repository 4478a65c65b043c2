import type { MovablePracticeClock } from '../kernel/clock.ts';

export type Plan = 'lite' | 'growth' | 'premium' | 'ultimate';

/** The app as its vendor registered it in Developer Hub. Every member may be changed while running. */
export interface RegisteredApp {
  name: string;
  clientId: string;
  clientSecret: string;
  /** Signs the tokens of the iframes. */
  jwtSecret: string;
  /** OAuth callback: GET with a code, DELETE when a user uninstalls. */
  callbackUrl: string;
  /** Where the Marketplace's Install button leads; null = straight to the consent page, without a state. */
  installationUrl: string | null;
  scopes: string[];
  extensions: {
    /** Custom panel on deal, organization and person. */
    panel: string;
    /** Custom UI for app settings. */
    settings: string;
    /** Custom modals by action id. */
    modals: Record<string, string>;
  };
}

export const DEFAULT_SCOPES: readonly string[] = [
  'base',
  'deals:full',
  'contacts:full',
  'products:full',
  'activities:full',
  'users:read',
  'deal-fields:full',
  'contact-fields:full',
  'product-fields:full',
  'webhooks:full',
];

export interface PracticePipedriveOptions {
  clock: MovablePracticeClock;
  seed: number;
  /** Port of the OAuth host; 0 or absent = any free one. */
  port?: number;
  clientId: string;
  clientSecret: string;
  jwtSecret?: string;
  appName?: string;
  appCallbackUrl?: string;
  installationUrl?: string | null;
  scopes?: readonly string[];
  extensionUrls?: { panel?: string; settings?: string; modals?: Record<string, string> };
}

export interface CompanyUserInput {
  id: number;
  name: string;
  email: string;
  is_admin?: boolean;
  active_flag?: boolean;
  /** Visibility group of company.groups; counts on Premium and Ultimate. */
  group?: number;
  language?: { language_code: string; country_code: string };
}

/** Seed records; the shape of data/pipedrive-data.ts fits without conversion. */
export interface CompanySeed {
  organizations?: readonly SeedOrganization[];
  persons?: readonly SeedPerson[];
  products?: readonly SeedProduct[];
  deals?: readonly SeedDeal[];
}

export interface SeedOrganization {
  id: number;
  name: string;
  address?: object | null;
  vatNumber?: string | null;
  owner_id?: number;
}

export interface SeedPerson {
  id: number;
  name: string;
  org_id?: number | null;
  email?: string | null;
  phone?: string | null;
}

export interface SeedProduct {
  id: number;
  name: string;
  code?: string;
  unit?: string;
  price?: number;
  currency?: string;
}

export interface SeedDeal {
  id: number;
  title: string;
  org_id?: number | null;
  person_id?: number | null;
  value?: number;
  currency?: string;
  stage_id?: number;
  /** Place of the stage in the first pipeline, from 0; instead of stage_id. */
  stage?: number;
  status?: string;
}

export interface CompanyOptions {
  id: number;
  name: string;
  /** Subdomain of the company; only shown, since its API answers on a port of its own. */
  domain: string;
  plan?: Plan;
  seats?: number;
  users: readonly CompanyUserInput[];
  data?: CompanySeed;
  /** Port of this company's API and pages; 0 or absent = any free one. */
  port?: number;
  currency?: string;
  /** Where the daily budget's midnight is; the real one is not documented. */
  budgetTimeZone?: string;
  /** Calls per 2 s and user; 'off' for tests on a frozen clock, where the window would never end. */
  burstLimit?: number | 'off';
  taxMethod?: 'exclusive' | 'inclusive' | 'none';
  /** Visibility groups: id to the group above it, null for the top; absent = one group, 1. */
  groups?: Readonly<Record<number, number | null>>;
}
