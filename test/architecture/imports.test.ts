import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findViolations } from './import-rules.ts';
import { listModulesOnDisk, readModules } from './read-modules.ts';

describe('the import gate', () => {
  it('finds nothing wrong with this project, and has read all of it', () => {
    const sources = readModules();
    const onDisk = listModulesOnDisk();
    expect(onDisk.length).toBeGreaterThan(100);
    expect(sources.size).toBeGreaterThanOrEqual(onDisk.length);
    expect(findViolations(sources, onDisk)).toEqual([]);
  });

  it('fails when it reads fewer modules than exist', () => {
    const sources = new Map([['server/kernel/money.ts', '']]);
    expect(findViolations(sources, ['server/kernel/money.ts', 'server/kernel/ids.ts'])).toEqual([
      'server/kernel/ids.ts: exists, but was not read',
    ]);
  });

  it('reads what lies in folders of folders, and lists it by other means', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orderline-gate-'));
    fs.mkdirSync(path.join(folder, 'server/app/panel'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'server/app/panel/view.tsx'), '');
    fs.writeFileSync(path.join(folder, 'server/app/panel/picture.svg'), '');
    expect([...readModules(folder).keys()]).toEqual(['server/app/panel/view.tsx']);
    expect(listModulesOnDisk(folder)).toEqual(['server/app/panel/view.tsx']);
    fs.rmSync(folder, { recursive: true });
  });
});

/** One module that breaks one rule, what it imports, and the words of the rule. */
const PLANTED: readonly [rule: string, file: string, source: string, says: string][] = [
  ['kernel imports nothing', 'server/kernel/x.ts', `import { a } from '../domain/a.ts';`, 'kernel must not import'],
  [
    'contract imports nothing',
    'server/contract/x.ts',
    `import { a } from '../kernel/a.ts';`,
    'contract must not import',
  ],
  ['domain: kernel', 'server/domain/x.ts', `import { a } from '../app/ports/a.ts';`, 'domain must not import'],
  ['net: kernel', 'server/net/x.ts', `import { a } from '../domain/a.ts';`, 'net must not import'],
  ['app: no adapter', 'server/app/panel/x.ts', `import { a } from '../../db/a.ts';`, 'app must not import'],
  ['app: no http', 'server/app/panel/x.ts', `import { a } from '../../http/a.ts';`, 'app must not import'],
  [
    'app: its capability',
    'server/app/panel/x.ts',
    `import { a } from '../install/a.ts';`,
    "another capability's folder",
  ],
  ['app: common parts', 'server/app/x.ts', `import { a } from './panel/a.ts';`, 'must not import a capability'],
  ['app/ports', 'server/app/ports/x.ts', `import { a } from '../principal.ts';`, 'more of app than ports'],
  ['pipedrive: not sap', 'server/pipedrive/x.ts', `import { a } from '../sap/a.ts';`, 'pipedrive must not import'],
  ['sap: not pipedrive', 'server/sap/x.ts', `import { a } from '../pipedrive/a.ts';`, 'sap must not import'],
  ['sap: of app only ports', 'server/sap/x.ts', `import { a } from '../app/principal.ts';`, 'sap must not import'],
  ['db: not queue', 'server/db/x.ts', `import { a } from '../queue/a.ts';`, 'db must not import'],
  ['queue: not db', 'server/queue/x.ts', `import { a } from '../db/a.ts';`, 'queue must not import'],
  ['queue: of app only ports', 'server/queue/x.ts', `import { a } from '../app/a.ts';`, 'queue must not import'],
  ['secrets: not db', 'server/secrets/x.ts', `import { a } from '../db/a.ts';`, 'secrets must not import'],
  ['http: no adapter', 'server/http/x.ts', `import { a } from '../db/a.ts';`, 'http must not import'],
  ['http: not domain', 'server/http/x.ts', `import { a } from '../domain/a.ts';`, 'http must not import'],
  ['jobs: not http', 'server/jobs/x.ts', `import { a } from '../http/a.ts';`, 'jobs must not import'],
  [
    'extension: not kernel',
    'extension/app/x.ts',
    `import { a } from '../../server/kernel/a.ts';`,
    'extension must not',
  ],
  ['extension: its feature', 'extension/features/a/x.ts', `import { a } from '../b/a.ts';`, 'another feature'],
  ['extension: shared', 'extension/shared/x.ts', `import { a } from '../features/b/a.ts';`, 'a feature or an entry'],
  [
    'extension: entries',
    'extension/features/a/x.ts',
    `import { a } from '../../app/a.ts';`,
    'must not import an entry',
  ],
  ['migrations', 'migrations/x.ts', `import { a } from '../server/kernel/a.ts';`, 'migrations must not import'],
  ['practice', 'test/practice/x.ts', `import { a } from '../../server/kernel/a.ts';`, 'test/practice must not import'],
  ['practice: no test', 'test/practice/x.ts', `import { a } from '../support/a.ts';`, 'test/practice must not import'],
  [
    'product: no test',
    'server/main.ts',
    `import { a } from '../test/support/a.ts';`,
    'compose, config must not import',
  ],
  ['every module has a room', 'server/odd/x.ts', '', 'lies in no room'],
  ['only db knows knex', 'server/app/panel/x.ts', `import knex from 'knex';`, 'db and migrations alone'],
  ['only queue knows the job library', 'server/db/x.ts', `import { run } from 'graphile-worker';`, 'queue alone'],
  ['only http knows Express', 'server/jobs/x.ts', `import type { Request } from 'express';`, 'http alone'],
  ['contract runs in a browser', 'server/contract/x.ts', `import fs from 'node:fs';`, 'must do without node:fs'],
  ['domain is pure', 'server/domain/x.ts', `import { request } from 'node:https';`, 'must do without node:https'],
  ['kebab-case', 'server/kernel/localDate.ts', '', 'not in kebab-case'],
  ['no default export', 'server/kernel/x.ts', 'export default 1;', 'has a default export'],
  ['no default export, renamed', 'server/kernel/x.ts', 'const a = 1; export { a as default };', 'has a default export'],
  ['no barrel', 'server/net/x.ts', `export { a } from '../kernel/a.ts';`, 'is a barrel file'],
  ['no barrel of all', 'server/net/x.ts', `export * from '../kernel/a.ts'; export const b = 1;`, 'is a barrel file'],
  [
    'no barrel by two steps',
    'server/net/x.ts',
    `import { a } from '../kernel/a.ts'; export { a };`,
    'is a barrel file',
  ],
  ['no index', 'server/net/index.ts', 'export const a = 1;', 'is a barrel file'],
  ['imports exist', 'server/kernel/x.ts', `import { a } from './missing.ts';`, 'no module of the project'],
  ['imports have their ending', 'server/kernel/x.ts', `import { a } from './a';`, 'no module of the project'],
  ['imports can be checked', 'server/kernel/x.ts', 'const a = await import(name);', 'only known when it runs'],
  ['modules can be parsed', 'server/kernel/x.ts', 'const = ;', 'cannot be parsed'],
];

/** What the planted modules import; each breaks no rule itself. */
const NEIGHBOURS = [
  ...[
    'kernel',
    'domain',
    'app',
    'app/ports',
    'app/install',
    'app/panel',
    'db',
    'queue',
    'http',
    'sap',
    'pipedrive',
  ].map((room) => `server/${room}/a.ts`),
  'server/app/principal.ts',
  'extension/app/a.ts',
  'extension/features/b/a.ts',
  'test/support/a.ts',
];

function violationsOf(planted: Readonly<Record<string, string>>): readonly string[] {
  const sources = new Map(NEIGHBOURS.map((file) => [file, 'export const a = 1;']));
  for (const [file, source] of Object.entries(planted)) sources.set(file, source);
  return findViolations(sources, []);
}

describe('the import gate is red for', () => {
  it('nothing, when nothing is planted', () => {
    expect(violationsOf({})).toEqual([]);
  });

  it.each(PLANTED)('%s', (_, file, source, says) => {
    const violations = violationsOf({ [file]: source });
    expect(violations.filter((text) => !text.startsWith(`${file}: `))).toEqual([]);
    expect(violations.join('\n')).toContain(says);
  });

  it.each([
    ['a type-only import', `import type { A } from '../db/a.ts'; export type B = A;`],
    ['an inline type import', `import { type A } from '../db/a.ts'; export type B = A;`],
    ['a type-only re-export', `export type { A } from '../db/a.ts'; export const b = 1;`],
    ['an import type', `export type B = import('../db/a.ts').A;`],
    ['a typeof import', `export type B = typeof import('../db/a.ts');`],
    ['an import for its effect', `import '../db/a.ts';`],
    ['a dynamic import', `export const b = () => import('../db/a.ts');`],
    ['an import assignment', `import a = require('../db/a.ts'); export const b = a;`],
    ['a require', `export const b = require('../db/a.ts');`],
    ['a star import', `import * as a from '../db/a.ts'; export const b = a;`],
    ['a path that goes round', `import { a } from '../../server/db/../db/a.ts'; export const b = a;`],
  ])('%s', (_, source) => {
    const violations = violationsOf({ 'server/jobs/x.ts': source });
    expect(violations).toContain('server/jobs/x.ts: jobs must not import server/db/a.ts');
  });

  it('a cycle of three, of types alone', () => {
    const violations = violationsOf({
      'server/kernel/x.ts': `import type { Y } from './y.ts'; export type X = Y;`,
      'server/kernel/y.ts': `import type { Z } from './z.ts'; export type Y = Z;`,
      'server/kernel/z.ts': `import type { X } from './x.ts'; export type Z = X;`,
    });
    expect(violations).toEqual(['server/kernel/x.ts: imports itself through server/kernel/y.ts, server/kernel/z.ts']);
  });

  it('a module that imports itself', () => {
    expect(violationsOf({ 'server/kernel/x.ts': `import { x } from './x.ts'; export const y = x;` })).toHaveLength(1);
  });
});
