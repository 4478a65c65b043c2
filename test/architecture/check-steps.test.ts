import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findForbiddenText } from '../../scripts/check/forbidden-text.ts';
import { countProductionPackages, findMissingFromLock, parseLock } from '../../scripts/check/lockfile.ts';
import { readTextFiles } from '../../scripts/check/text-files.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;

describe('the search for forbidden text', () => {
  it('SE-07: finds no place where TLS verification is switched off, and has looked everywhere', () => {
    const files = readTextFiles(PROJECT);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['package.json', 'server/kernel/clock.ts', 'test/architecture/check-steps.test.ts']),
    );
    expect(findForbiddenText(files)).toEqual([]);
  });

  it.each([
    ['SE-07: as an option', 'rejectUnauthorized', ': false'],
    ['SE-07: set later', 'options.rejectUnauthorized', ' = false'],
    ['SE-07: quoted', `'rejectUnauthorized'`, ':false'],
    ['SE-07: for the whole process', 'NODE_TLS_REJECT_', 'UNAUTHORIZED=0'],
    ['a mocked module', 'vi.mo', 'ck("./x.ts")'],
  ])('is red for %s', (_, start, end) => {
    expect(findForbiddenText(new Map([['x.ts', `a\n${start}${end}\n`]]))).toEqual([
      expect.stringMatching(/^x\.ts:2: /),
    ]);
  });
});

describe('the check of the lockfile', () => {
  const lock = parseLock(fs.readFileSync(`${PROJECT}package-lock.json`, 'utf8'));

  it('finds every optional package of every platform in it', () => {
    expect(findMissingFromLock(lock)).toEqual([]);
    expect(countProductionPackages(lock)).toBeLessThanOrEqual(200);
  });

  it('is red for each optional package that is taken out', () => {
    const optional = Object.keys(lock.packages['node_modules/@biomejs/biome']?.optionalDependencies ?? {});
    expect(optional).toHaveLength(8);
    for (const name of optional) {
      const { [`node_modules/${name}`]: _, ...packages } = lock.packages;
      expect(findMissingFromLock({ ...lock, packages })).toEqual([expect.stringContaining(name)]);
    }
  });

  it('looks in a package of its own place first, and then above', () => {
    const packages = {
      '': {},
      'node_modules/@a/b': {},
      'node_modules/@a/b/node_modules/c': { optionalDependencies: { d: '1', e: '1', '@f/g': '1', h: '1' } },
      'node_modules/@a/b/node_modules/c/node_modules/d': {},
      'node_modules/@a/b/node_modules/e': {},
      'node_modules/@f/g': {},
      'node_modules/x/node_modules/h': {},
    };
    expect(findMissingFromLock({ lockfileVersion: 3, packages })).toEqual([expect.stringMatching(/^h, /)]);
  });
});
