import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Secret } from './app/ports/secrets.ts';
import { LOG_LEVELS, type LogLevel } from './logging.ts';
import { type MasterKeys, parseMasterKeys } from './secrets/master-keys.ts';
import { createSecret } from './secrets/secret.ts';

export interface Config {
  readonly production: boolean;
  readonly role: 'web' | 'worker' | 'all';
  readonly host: string;
  readonly port: number;
  /** Origin without a trailing slash. */
  readonly publicUrl: string;
  /** Undefined: the embedded database under `dataDir`. */
  readonly databaseUrl: Secret | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly pipedrive: {
    readonly clientId: string;
    readonly clientSecret: Secret;
    /** Signs the iframes' tokens; at least 32 bytes. */
    readonly jwtSecret: Secret;
    /** Origin without a trailing slash. */
    readonly oauthUrl: string;
    readonly domain: string;
    /** `host:port` texts accepted over plain HTTP; empty in production. */
    readonly localHosts: ReadonlySet<string>;
  };
  /** Who runs this app: stands on the privacy, terms and support pages. */
  readonly operator: { readonly name: string; readonly supportEmail: string };
  readonly sapNetwork: 'public' | 'private' | 'loopback';
  /** Ports of SAP servers that are accepted beside the usual ones. */
  readonly sapExtraPorts: readonly number[];
  readonly masterKeys: MasterKeys;
  readonly logLevel: LogLevel;
  readonly metricsToken: Secret | undefined;
  /** Hops in front of us whose forwarded headers are believed. */
  readonly trustProxy: number;
}

/** The start cannot go on; the message says all that is wrong, and holds no value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

const HOST_AND_PORT = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]):\d{1,5}$/i;
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
const LEAST_SECRET_BYTES = 32;

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((number) => number >= from && number <= to, `must be a whole number from ${from} to ${to}`);

const origin = z
  .url({ protocol: /^https?$/, error: 'must be an address such as https://app.example.com' })
  .refine((text) => !URL.canParse(text) || isOrigin(new URL(text)), 'must have no path, query or user name')
  .transform((text) => new URL(text).origin);

const localHosts = z
  .string()
  .transform(hostList)
  .refine((hosts) => hosts.every((host) => HOST_AND_PORT.test(host)), 'must be a comma list of host:port');

const ports = z
  .string()
  .transform(hostList)
  .refine((list) => list.every(isPort), 'must be a comma list of ports from 1 to 65535')
  .transform((list) => list.map(Number));

const required = (hint: string) => z.string({ error: `is missing: ${hint}` });

const Variables = z.object({
  NODE_ENV: z.string().default('development'),
  ROLE: z.enum(['web', 'worker', 'all'], { error: 'must be web, worker or all' }).default('all'),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  PUBLIC_URL: origin.default('http://localhost:3000'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'must start with postgres://')
    .optional(),
  DATA_DIR: z.string().default('.data'),
  PIPEDRIVE_CLIENT_ID: required('the client id of the app in Developer Hub'),
  PIPEDRIVE_CLIENT_SECRET: required('the client secret of the app in Developer Hub'),
  PIPEDRIVE_JWT_SECRET: z.string().optional(),
  PIPEDRIVE_OAUTH_URL: origin.default('https://oauth.pipedrive.com'),
  PIPEDRIVE_DOMAIN: z.string().regex(DOMAIN, 'must be a domain such as pipedrive.com').default('pipedrive.com'),
  PIPEDRIVE_LOCAL_HOSTS: localHosts.default([]),
  OPERATOR_NAME: z.string().max(200).default('an operator who has not given a name yet'),
  SUPPORT_EMAIL: z.email('must be an e-mail address').default('support@example.com'),
  SAP_NETWORK: z
    .enum(['public', 'private', 'loopback'], { error: 'must be public, private or loopback' })
    .default('public'),
  SAP_EXTRA_PORTS: ports.default([]),
  ENCRYPTION_KEYS: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  METRICS_TOKEN: z.string().optional(),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
});

/**
 * Reads the environment once. Makes the development key under `DATA_DIR` where none is given.
 * @throws {ConfigError} that lists everything that is missing or malformed
 */
export function readConfig(environment: Environment): Config {
  const given = withoutBlanks(environment);
  const parsed = Variables.safeParse(given);
  const malformed = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const faults = [...malformed, ...brokenRules(given)];
  const keys = readKeys(given['ENCRYPTION_KEYS'], faults);
  if (!parsed.success || faults.length > 0) throw new ConfigError(message(faults));

  const values = parsed.data;
  const dataDir = resolve(values.DATA_DIR);
  return Object.freeze({
    production: values.NODE_ENV === 'production',
    role: values.ROLE,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    databaseUrl: optionalSecret(values.DATABASE_URL),
    dataDir,
    pipedrive: Object.freeze({
      clientId: values.PIPEDRIVE_CLIENT_ID,
      clientSecret: createSecret(values.PIPEDRIVE_CLIENT_SECRET),
      jwtSecret: createSecret(values.PIPEDRIVE_JWT_SECRET ?? values.PIPEDRIVE_CLIENT_SECRET),
      oauthUrl: values.PIPEDRIVE_OAUTH_URL,
      domain: values.PIPEDRIVE_DOMAIN,
      localHosts: new Set(values.PIPEDRIVE_LOCAL_HOSTS),
    }),
    operator: Object.freeze({ name: values.OPERATOR_NAME, supportEmail: values.SUPPORT_EMAIL }),
    sapNetwork: values.SAP_NETWORK,
    sapExtraPorts: values.SAP_EXTRA_PORTS,
    masterKeys: keys ?? parseMasterKeys(developmentKeys(dataDir)),
    logLevel: values.LOG_LEVEL,
    metricsToken: optionalSecret(values.METRICS_TOKEN),
    trustProxy: values.TRUST_PROXY,
  });
}

/** What no single variable shows. Looks at what was given, so that it is found beside malformed variables too. */
function brokenRules(given: Environment): string[] {
  const faults: string[] = [];
  const hosts = hostList(given['PIPEDRIVE_LOCAL_HOSTS'] ?? '');
  const oauthUrl = given['PIPEDRIVE_OAUTH_URL'] ?? '';
  if (oauthUrl.startsWith('http:') && URL.canParse(oauthUrl) && !hosts.includes(hostAndPort(new URL(oauthUrl)))) {
    faults.push('PIPEDRIVE_OAUTH_URL must be https, or its host:port must be listed in PIPEDRIVE_LOCAL_HOSTS');
  }
  const signer = given['PIPEDRIVE_JWT_SECRET'] === undefined ? 'PIPEDRIVE_CLIENT_SECRET' : 'PIPEDRIVE_JWT_SECRET';
  const secret = given[signer];
  if (secret !== undefined && Buffer.byteLength(secret) < LEAST_SECRET_BYTES) {
    faults.push(`${signer} is too short to sign tokens: at least ${LEAST_SECRET_BYTES} bytes`);
  }
  // Node would trust any server then, whatever a client asks for.
  if (given['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    faults.push('NODE_TLS_REJECT_UNAUTHORIZED must not be 0: certificates are always verified');
  return given['NODE_ENV'] === 'production' ? [...faults, ...brokenInProduction(given)] : faults;
}

function brokenInProduction(given: Environment): string[] {
  return [
    ...(given['DATABASE_URL'] ? [] : ['DATABASE_URL is missing: there is no embedded database in production']),
    ...(given['ENCRYPTION_KEYS'] ? [] : ['ENCRYPTION_KEYS is missing: id:base64 pairs of 32 bytes each']),
    ...(given['PUBLIC_URL']?.startsWith('https://')
      ? []
      : ['PUBLIC_URL must be given in production, and start with https://']),
    ...(given['OPERATOR_NAME']
      ? []
      : ['OPERATOR_NAME is missing: who runs this app, as the privacy, terms and support pages say']),
    ...(given['SUPPORT_EMAIL'] ? [] : ['SUPPORT_EMAIL is missing: where customers write to']),
    ...(given['SAP_NETWORK'] === 'loopback' ? ['SAP_NETWORK must not be loopback in production'] : []),
    ...(given['PIPEDRIVE_LOCAL_HOSTS'] ? ['PIPEDRIVE_LOCAL_HOSTS must not be set in production'] : []),
  ];
}

function readKeys(text: string | undefined, faults: string[]): MasterKeys | undefined {
  if (text === undefined) return undefined;
  try {
    return parseMasterKeys(text);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : 'ENCRYPTION_KEYS cannot be read');
    return undefined;
  }
}

/** For development alone: made once, readable by this user only. Two processes that start at once get the same one. */
function developmentKeys(dataDir: string): string {
  const path = join(dataDir, 'development-key');
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(path, `development:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

function message(faults: readonly string[]): string {
  const count = faults.length === 1 ? 'One variable keeps' : `${faults.length} variables keep`;
  return [`${count} Orderline from starting:`, ...faults.map((fault) => `  - ${fault}`)].join('\n');
}

/** A variable that is set to nothing counts as not set. */
function withoutBlanks(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value.trim() !== '') set[name] = value;
  }
  return set;
}

function optionalSecret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : createSecret(text);
}

function isOrigin(url: URL): boolean {
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}

function hostList(text: string): string[] {
  return text.split(',').flatMap((entry) => entry.trim().toLowerCase() || []);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || '80'}`;
}
