import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sources } from './import-rules.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['server', 'extension', 'migrations', 'test', 'scripts'];
const MODULE = /\.(ts|tsx|mjs)$/;

/** Every module of the project, walked folder by folder. */
export function readModules(project = PROJECT): Sources {
  const sources = new Map<string, string>();
  function walk(folder: string): void {
    for (const entry of fs.readdirSync(path.join(project, folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else if (MODULE.test(entry.name)) sources.set(file, fs.readFileSync(path.join(project, file), 'utf8'));
    }
  }
  for (const folder of existing(project)) walk(folder);
  for (const name of fs.readdirSync(project).filter((each) => MODULE.test(each)))
    sources.set(name, fs.readFileSync(path.join(project, name), 'utf8'));
  return sources;
}

/** The same, counted by another way than `readModules` goes: what the one misses, the other shows. */
export function listModulesOnDisk(project = PROJECT): readonly string[] {
  return existing(project).flatMap((folder) =>
    fs
      .readdirSync(path.join(project, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
      .filter((file) => MODULE.test(file)),
  );
}

const existing = (project: string): string[] => FOLDERS.filter((folder) => fs.existsSync(path.join(project, folder)));
