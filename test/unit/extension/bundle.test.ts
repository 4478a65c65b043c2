import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const LIMIT_BYTES = 110_000;
const ROOT = resolve(import.meta.dirname, '../../..');

type Output = Rolldown.RolldownOutput['output'][number];
type Chunk = Extract<Output, { type: 'chunk' }>;

let files: readonly Output[] = [];

beforeAll(async () => {
  // The build sets it for its own process; given back afterwards.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({
    configFile: resolve(ROOT, 'vite.config.ts'),
    logLevel: 'error',
    build: { write: false },
  });
  files = 'output' in built ? built.output : [];
});

afterAll(() => {
  vi.unstubAllEnvs();
});

const chunks = () => files.filter((file): file is Chunk => file.type === 'chunk');
const htmlOf = (page: string) =>
  String(files.flatMap((file) => (file.type === 'asset' && file.fileName === `${page}.html` ? [file.source] : []))[0]);

/** All scripts a page loads before it works: its entry and what that imports. */
function firstLoad(page: string): Chunk[] {
  const found = new Map<string, Chunk>();
  const visit = (name: string) => {
    const chunk = chunks().find(({ fileName }) => fileName === name);
    if (!chunk || found.has(name)) return;
    found.set(name, chunk);
    chunk.imports.forEach(visit);
  };
  for (const { fileName, name, isEntry } of chunks()) if (isEntry && name === page) visit(fileName);
  return [...found.values()];
}

describe.each(['panel', 'settings'])('the %s page', (page) => {
  it('loads at most 110 kB of compressed script (PE-03)', () => {
    const scripts = firstLoad(page);
    const bytes = scripts.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
    expect(scripts.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(60_000);
    expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('has no inline script and no inline style (SE-26)', () => {
    const html = htmlOf(page);
    expect(html).toContain('<script type="module" crossorigin src="/assets/');
    expect(html).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=/);
  });

  it('evaluates no text as code (SE-26)', () => {
    expect(firstLoad(page).filter(({ code }) => /\bnew Function\(|\beval\(/.test(code))).toEqual([]);
  });
});
