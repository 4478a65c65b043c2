import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const BUILT = join(ROOT, 'dist/extension/settings.html');
const LOCK = join(ROOT, 'dist/.extension-build');
const SOURCES = ['extension', 'vite.config.ts', 'package-lock.json'];
const LOOK_MS = 50;
const STALE_LOCK_MS = 60_000;

/** The extension as `npm run build` makes it, built anew only if its sources are younger. */
export async function ensureBuiltExtension(): Promise<void> {
  while (isOutdated()) {
    if (!takeLock()) {
      // Another test file builds it at this moment.
      await new Promise((done) => setTimeout(done, LOOK_MS));
      continue;
    }
    try {
      if (isOutdated()) await buildExtension();
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  }
}

async function buildExtension(): Promise<void> {
  // Loaded late: it is large, and seldom needed.
  const { build } = await import('vite');
  const before = process.env['NODE_ENV'];
  try {
    // The configuration sets it to production for the build's own process; given back for the tests in this one.
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

function isOutdated(): boolean {
  if (!existsSync(BUILT)) return true;
  const built = statSync(BUILT).mtimeMs;
  return SOURCES.some((source) => newest(join(ROOT, source)) > built);
}

function newest(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** A folder can be made by one process only; one that a killed process left behind does not count. */
function takeLock(): boolean {
  try {
    mkdirSync(LOCK, { recursive: false });
    return true;
  } catch {
    if (!existsSync(join(ROOT, 'dist'))) mkdirSync(join(ROOT, 'dist'), { recursive: true });
    else if (existsSync(LOCK) && Date.now() - statSync(LOCK).mtimeMs > STALE_LOCK_MS) {
      rmSync(LOCK, { recursive: true, force: true });
    }
    return false;
  }
}
