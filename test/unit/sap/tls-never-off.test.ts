import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
/** Put together here, so that this file does not find itself. */
const SWITCHED_OFF = new RegExp(`${'reject'}Unauthorized['"]?\\s*[:=]\\s*(false|0|!1)`);

function sources(folder: string): string[] {
  return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return sources(at);
    return /\.(ts|tsx|mjs|js)$/.test(entry.name) ? [at] : [];
  });
}

it('SE-07: no source file switches the check of certificates off', () => {
  const files = ['server', 'extension', 'scripts', 'migrations', 'test']
    .filter((folder) => fs.existsSync(path.join(root, folder)))
    .flatMap(sources);
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => SWITCHED_OFF.test(fs.readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
  expect(SWITCHED_OFF.test(`connect({ ${'reject'}Unauthorized: false })`)).toBe(true);
});
