import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isOpenToAll, ROOT_BASE, type ServerAccount } from './account.ts';
import { type Binaries, programPath } from './binaries.ts';

const Passwords = z.object({ superuser: z.string(), owner: z.string(), app: z.string() });

/** Of the roles that log in. Random, made with the cluster and kept in it, readable by us alone. */
export type ClusterPasswords = Readonly<z.infer<typeof Passwords>>;

/** A PostgreSQL data folder with what we keep beside it. */
export interface Cluster {
  /** Holds everything; where a person finds it. */
  readonly dataDir: string;
  /** PostgreSQL's own data folder. */
  readonly pgData: string;
  readonly passwords: ClusterPasswords;
  readonly account: ServerAccount | undefined;
  readonly binaries: Binaries;
}

export const SUPERUSER = 'postgres';

/** Where the data of `wanted` really goes: itself, or, as root under a closed folder, a place of its own under /var/lib. */
export function placeFor(wanted: string, account: ServerAccount | undefined): string {
  const full = path.resolve(wanted);
  if (!account || isOpenToAll(path.dirname(full))) return full;
  return path.join(ROOT_BASE, 'data', createHash('sha256').update(full).digest('hex').slice(0, 12));
}

/** Makes the folder and the cluster unless they exist. Any number of processes may do so at the same time. */
export function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  account: ServerAccount | undefined,
  durable: boolean,
): Cluster {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  fs.chmodSync(dataDir, account ? 0o711 : 0o700);
  const pgData = path.join(dataDir, 'cluster');
  if (!fs.existsSync(pgData)) initialise(dataDir, pgData, binaries, account, durable);
  const passwords = Passwords.parse(JSON.parse(fs.readFileSync(passwordFile(pgData), 'utf8')));
  return { dataDir, pgData, passwords, account, binaries };
}

const passwordFile = (pgData: string): string => path.join(pgData, 'orderline-passwords.json');

/** In a folder of its own that is renamed when complete: a start that was killed leaves no half cluster. */
function initialise(
  dataDir: string,
  pgData: string,
  binaries: Binaries,
  account: ServerAccount | undefined,
  durable: boolean,
): void {
  const draft = path.join(dataDir, `new-${randomBytes(6).toString('hex')}`);
  const passwords = { superuser: randomPassword(), owner: randomPassword(), app: randomPassword() };
  const pwFile = `${draft}.password`;
  try {
    fs.mkdirSync(draft, { mode: 0o700 });
    fs.writeFileSync(pwFile, passwords.superuser, { mode: 0o600 });
    if (account) for (const file of [draft, pwFile]) fs.chownSync(file, account.uid, account.gid);
    runInitdb(draft, pwFile, binaries, account, durable);
    fs.writeFileSync(passwordFile(draft), JSON.stringify(passwords), { mode: 0o600 });
    renameUnlessTaken(draft, pgData);
  } finally {
    fs.rmSync(pwFile, { force: true });
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

function runInitdb(
  pgData: string,
  pwFile: string,
  binaries: Binaries,
  account: ServerAccount | undefined,
  durable: boolean,
): void {
  const args = ['-D', pgData, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${pwFile}`, '-E', 'UTF8'];
  const result = spawnSync(
    programPath(binaries, 'initdb'),
    [...args, '--locale=C', '--no-instructions', ...(durable ? [] : ['--no-sync'])],
    { ...account, cwd: path.parse(pgData).root, encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`PostgreSQL's initdb failed: ${result.error?.message ?? result.stderr}`);
}

function renameUnlessTaken(draft: string, pgData: string): void {
  try {
    fs.renameSync(draft, pgData);
  } catch (error) {
    if (!fs.existsSync(passwordFile(pgData))) throw error;
  }
}

const randomPassword = (): string => randomBytes(24).toString('hex');
