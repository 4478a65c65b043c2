import fs from 'node:fs';
import path from 'node:path';

const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.data', 'coverage', 'test-results']);
const CODE = /(\.(ts|tsx|mjs|cjs|js|json|html|sh|ya?ml)|(^|\/)(Dockerfile|run))$/;

/** Everything in the project that a machine carries out, by path with forward slashes. */
export function readTextFiles(project: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  function walk(folder: string): void {
    for (const entry of fs.readdirSync(path.join(project, folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) walk(file);
      if (entry.isFile() && CODE.test(file)) files.set(file, fs.readFileSync(path.join(project, file), 'utf8'));
    }
  }
  walk('.');
  return files;
}
