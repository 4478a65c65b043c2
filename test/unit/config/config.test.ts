import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError, readConfig } from '../../../server/config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = 'secret-canary-0123456789abcdef0123456789';
const LEAST = { PIPEDRIVE_CLIENT_ID: 'client-1', PIPEDRIVE_CLIENT_SECRET: SECRET, ENCRYPTION_KEYS: `a:${KEY}` };
const PRODUCTION = {
  ...LEAST,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:db-canary@db/orderline',
  PUBLIC_URL: 'https://orderline.example.com',
  OPERATOR_NAME: 'Desk Software Ltd',
  SUPPORT_EMAIL: 'help@desk.example',
};

/** The faults of a start that must be refused. */
function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - ', ''));
  }
  throw new Error('The start was not refused.');
}

function emptyFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'orderline-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('readConfig', () => {
  it('has the documented defaults', () => {
    const config = readConfig(LEAST);
    expect(config).toMatchObject({
      production: false,
      role: 'all',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      dataDir: join(process.cwd(), '.data'),
      sapNetwork: 'public',
      logLevel: 'info',
      metricsToken: undefined,
      trustProxy: 0,
    });
    expect(config.pipedrive).toMatchObject({
      clientId: 'client-1',
      oauthUrl: 'https://oauth.pipedrive.com',
      domain: 'pipedrive.com',
      localHosts: new Set(),
    });
    expect(config.pipedrive.jwtSecret.reveal()).toBe(SECRET);
  });

  it('reads every variable', () => {
    const config = readConfig({
      ...LEAST,
      ROLE: 'worker',
      HOST: '0.0.0.0',
      PORT: '8080',
      PUBLIC_URL: 'https://app.example.com/',
      DATABASE_URL: 'postgresql://app@db/orderline',
      PIPEDRIVE_JWT_SECRET: 'another-secret-0123456789abcdef0123456789',
      PIPEDRIVE_OAUTH_URL: 'http://127.0.0.1:9000',
      PIPEDRIVE_LOCAL_HOSTS: '127.0.0.1:9000, LOCALHOST:9001,[::1]:9002',
      PIPEDRIVE_DOMAIN: 'pipedrive.test',
      SAP_NETWORK: 'loopback',
      SAP_EXTRA_PORTS: '81, 5432',
      LOG_LEVEL: 'silent',
      METRICS_TOKEN: 'metrics',
      TRUST_PROXY: '1',
    });
    expect(config.sapExtraPorts).toEqual([81, 5432]);
    expect(config).toMatchObject({ role: 'worker', host: '0.0.0.0', port: 8080, publicUrl: 'https://app.example.com' });
    expect(config.pipedrive.localHosts).toEqual(new Set(['127.0.0.1:9000', 'localhost:9001', '[::1]:9002']));
    expect(config.pipedrive.oauthUrl).toBe('http://127.0.0.1:9000');
    expect(config.pipedrive.jwtSecret.reveal()).toMatch(/^another/);
    expect(config.databaseUrl?.reveal()).toBe('postgresql://app@db/orderline');
    expect(config.metricsToken?.reveal()).toBe('metrics');
    expect(config).toMatchObject({ sapNetwork: 'loopback', logLevel: 'silent', trustProxy: 1 });
  });

  it('counts a variable that is set to nothing as not set', () => {
    expect(readConfig({ ...LEAST, PORT: '', ROLE: ' ', DATABASE_URL: '' })).toMatchObject({ port: 3000, role: 'all' });
    expect(faultsOf({ ...LEAST, PIPEDRIVE_CLIENT_ID: '' })).toEqual([
      expect.stringMatching(/^PIPEDRIVE_CLIENT_ID is missing/),
    ]);
  });

  it('lists all that is wrong in one message', () => {
    const faults = faultsOf({
      NODE_ENV: 'production',
      ROLE: 'both',
      PORT: '70000',
      PUBLIC_URL: 'https://app.example.com/orderline',
      PIPEDRIVE_OAUTH_URL: 'http://oauth.example',
      PIPEDRIVE_LOCAL_HOSTS: 'localhost',
      PIPEDRIVE_DOMAIN: 'https://pipedrive.com',
      PIPEDRIVE_JWT_SECRET: 'short',
      SAP_NETWORK: 'loopback',
      ENCRYPTION_KEYS: 'a:b',
      LOG_LEVEL: 'loud',
      TRUST_PROXY: 'yes',
      SUPPORT_EMAIL: 'help at desk',
    });
    const names = faults.map((fault) => /^[A-Z_]+/.exec(fault)?.[0]);
    expect([...new Set(names)].sort()).toEqual([
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'LOG_LEVEL',
      'OPERATOR_NAME',
      'PIPEDRIVE_CLIENT_ID',
      'PIPEDRIVE_CLIENT_SECRET',
      'PIPEDRIVE_DOMAIN',
      'PIPEDRIVE_JWT_SECRET',
      'PIPEDRIVE_LOCAL_HOSTS',
      'PIPEDRIVE_OAUTH_URL',
      'PORT',
      'PUBLIC_URL',
      'ROLE',
      'SAP_NETWORK',
      'SUPPORT_EMAIL',
      'TRUST_PROXY',
    ]);
  });

  it.each([
    ['PORT', ['-1', '3000.5', '0x50', '99999', 'http', '1e3']],
    [
      'PUBLIC_URL',
      ['app.example.com', 'ftp://app.example.com', 'https://a@b', 'https://app/x', 'https://app/?x', 'javascript:1'],
    ],
    ['DATABASE_URL', ['mysql://x', 'db']],
    ['PIPEDRIVE_LOCAL_HOSTS', ['http://localhost:1', 'localhost:', '*:80', 'a:1,b']],
    ['PIPEDRIVE_DOMAIN', ['pipedrive', '.com', 'a.com/b', '*.pipedrive.com']],
    ['PIPEDRIVE_CLIENT_SECRET', ['too short']],
    ['ENCRYPTION_KEYS', ['x', `a:${KEY},a:${KEY}`, `a:${KEY.slice(4)}`, `:${KEY}`]],
    ['TRUST_PROXY', ['true', '11', '-1']],
    ['SAP_NETWORK', ['all', 'PUBLIC']],
    ['SAP_EXTRA_PORTS', ['0', '65536', '22;23', 'ssh', '-1']],
    ['ROLE', ['Web']],
  ])('refuses a malformed %s', (name, values) => {
    for (const value of values) {
      const faults = faultsOf({ ...LEAST, [name]: value });
      expect(faults.length, value).toBeGreaterThan(0);
      for (const fault of faults) expect(fault).toMatch(new RegExp(`^${name}\\b`));
    }
  });

  it('SE-07 does not start where Node was told to trust any certificate', () => {
    expect(faultsOf({ ...LEAST, NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      'NODE_TLS_REJECT_UNAUTHORIZED must not be 0: certificates are always verified',
    ]);
    expect(readConfig({ ...LEAST, NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toMatchObject({ production: false });
  });

  it('never shows the value of a secret, not even a malformed one', () => {
    const faults = faultsOf({
      ...LEAST,
      PIPEDRIVE_JWT_SECRET: 'jwt-canary',
      ENCRYPTION_KEYS: 'id:key-canary',
      DATABASE_URL: 'x://db-canary',
    });
    expect(faults.join()).not.toContain('canary');
    const shown = inspect(readConfig(PRODUCTION), { depth: 10 }) + JSON.stringify(readConfig(PRODUCTION));
    expect(shown).not.toContain('canary');
  });

  it('cannot be changed', () => {
    const config = readConfig(LEAST);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.pipedrive)).toBe(true);
  });

  it('starts in production with what production needs', () => {
    expect(readConfig(PRODUCTION)).toMatchObject({ production: true });
  });

  it.each([
    [{ SAP_NETWORK: 'loopback' }, 'SAP_NETWORK'],
    [{ PIPEDRIVE_LOCAL_HOSTS: '127.0.0.1:1' }, 'PIPEDRIVE_LOCAL_HOSTS'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL'],
    [{ ENCRYPTION_KEYS: '' }, 'ENCRYPTION_KEYS'],
    [{ PUBLIC_URL: '' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'http://orderline.example.com' }, 'PUBLIC_URL'],
    [{ PIPEDRIVE_OAUTH_URL: 'http://oauth.example' }, 'PIPEDRIVE_OAUTH_URL'],
  ])('refuses in production: %j', (change, name) => {
    const faults = faultsOf({ ...PRODUCTION, ...change });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });

  it('makes the development key once, for this user alone', () => {
    const { ENCRYPTION_KEYS: _left, ...environment } = { ...LEAST, DATA_DIR: join(emptyFolder(), 'data') };
    const first = readConfig(environment);
    const path = join(first.dataDir, 'development-key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^development:[A-Za-z0-9+/]{43}=\n$/);
    expect(readConfig(environment).masterKeys.primary).toEqual(first.masterKeys.primary);
  });

  it('makes no development key where the start is refused', () => {
    const dataDir = join(emptyFolder(), 'data');
    faultsOf({ DATA_DIR: dataDir });
    expect(() => statSync(dataDir)).toThrow();
  });
});
