import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

/** What an engine would make of the Dockerfile, as a folder. */
export interface ImageFolder {
  readonly folder: string;
  remove(): void;
}

/**
 * Takes the Dockerfile's steps in empty folders: builds what .dockerignore lets through, installs as its last stage says,
 * copies what it copies. Only the build's `npm ci` is replaced by the packages that are installed already.
 */
export async function takeImageSteps(): Promise<ImageFolder> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'orderline-image-'));
  const [build, image] = ['build', 'image'].map((name) => path.join(root, name));
  if (build === undefined || image === undefined) throw new Error('No folders.');
  const dockerfile = fs.readFileSync(path.join(PROJECT, 'Dockerfile'), 'utf8');

  for (const file of contextOf(fs.readFileSync(path.join(PROJECT, '.dockerignore'), 'utf8'))) {
    fs.cpSync(path.join(PROJECT, file), path.join(build, file), { recursive: true });
  }
  fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(build, 'node_modules'));
  await run('npm', ['run', 'build'], { cwd: build });

  fs.mkdirSync(image);
  for (const file of ['package.json', 'package-lock.json'])
    fs.copyFileSync(path.join(build, file), path.join(image, file));
  await run('npm', [...installArguments(dockerfile), '--prefer-offline', '--no-audit', '--no-fund'], { cwd: image });
  for (const file of copiedScripts(dockerfile)) fs.cpSync(path.join(build, file), path.join(image, file));
  fs.cpSync(path.join(build, 'dist'), path.join(image, 'dist'), { recursive: true });

  fs.chmodSync(root, 0o755);
  return { folder: image, remove: () => fs.rmSync(root, { recursive: true, force: true }) };
}

/** Everything is left out but what is named. */
function contextOf(dockerignore: string): string[] {
  const lines = dockerignore.split('\n').filter((line) => line !== '');
  if (lines[0] !== '*') throw new Error('.dockerignore must leave everything out first.');
  return lines.slice(1).map((line) => line.replace(/^!/, ''));
}

function installArguments(dockerfile: string): string[] {
  const found = dockerfile.match(/^RUN npm (ci --omit=\S[^&\n]*)/m)?.[1];
  if (found === undefined) throw new Error('The Dockerfile installs no production dependencies.');
  return found.trim().split(/\s+/);
}

function copiedScripts(dockerfile: string): string[] {
  const found = dockerfile.match(/^COPY (scripts\/.*) scripts\/$/m)?.[1];
  if (found === undefined) throw new Error('The Dockerfile copies no scripts.');
  return found.split(' ');
}
