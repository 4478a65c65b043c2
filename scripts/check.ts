import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { findViolations } from '../test/architecture/import-rules.ts';
import { listModulesOnDisk, readModules } from '../test/architecture/read-modules.ts';
import { findForbiddenText } from './check/forbidden-text.ts';
import { countProductionPackages, findMissingFromLock, parseLock } from './check/lockfile.ts';
import { readTextFiles } from './check/text-files.ts';

/** `npm run check`: types, lint, format, unused code, import rules, TLS, lockfile; side by side, one line a step. */
const PROJECT = path.resolve(import.meta.dirname, '..');
const MAX_PRODUCTION_PACKAGES = 200;

interface Step {
  readonly name: string;
  /** @returns what is wrong; empty if all is well */
  readonly run: () => Promise<readonly string[]>;
}

const STEPS: readonly Step[] = [
  { name: 'types', run: () => runTool('tsc', '-p', 'tsconfig.json') },
  { name: 'types of the build', run: () => runTool('tsc', '-p', 'tsconfig.server.json', '--noEmit') },
  { name: 'lint and format', run: () => runTool('biome', 'check', '--colors=off', '--error-on-warnings') },
  { name: 'unused code', run: () => runTool('knip', '--no-progress') },
  { name: 'import rules', run: async () => findViolations(readModules(PROJECT), listModulesOnDisk(PROJECT)) },
  { name: 'forbidden text', run: async () => findForbiddenText(readTextFiles(PROJECT)) },
  { name: 'lockfile', run: async () => findMissingFromLock(readLock()) },
  { name: 'production packages', run: checkProductionPackages },
];

async function checkProductionPackages(): Promise<readonly string[]> {
  const count = countProductionPackages(readLock());
  return count <= MAX_PRODUCTION_PACKAGES ? [] : [`${count} packages; ${MAX_PRODUCTION_PACKAGES} are the limit`];
}

function readLock() {
  return parseLock(fs.readFileSync(path.join(PROJECT, 'package-lock.json'), 'utf8'));
}

function runTool(tool: string, ...args: string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(PROJECT, 'node_modules', '.bin', tool), args, {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? [] : [output.trim() || `${tool} ended with ${code}`]));
  });
}

async function runStep({ name, run }: Step): Promise<boolean> {
  const start = performance.now();
  const faults = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name.padEnd(20)} ${faults.length === 0 ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s`);
  for (const fault of faults) console.log(fault.replace(/^/gm, '    '));
  return faults.length === 0;
}

const passed = await Promise.all(STEPS.map(runStep));
const failed = passed.filter((each) => !each).length;
console.log(`${passed.length - failed} of ${passed.length} checks passed`);
process.exitCode = failed === 0 ? 0 : 1;
