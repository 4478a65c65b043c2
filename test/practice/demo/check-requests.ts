import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFromApp, type RequestLog } from '../kernel/request-log.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DESCRIPTIONS = join(ROOT, '../shared/contracts/README.md');
const CHECKER = join(ROOT, 'test/support/check-log-process.ts');

export interface RequestLogs {
  readonly pipedrive: { readonly log: Pick<RequestLog, 'all'> };
  readonly sap: { readonly log: Pick<RequestLog, 'all'> };
}

/**
 * Holds every request that the app has sent against both platforms' own descriptions, where those lie beside the project.
 * @returns how many were checked; undefined where the descriptions are missing
 * @throws {Error} that names what is not described; with `CI=true` also where they are missing, as they must be there
 */
export function checkRequests(
  { pipedrive, sap }: RequestLogs,
  folder: string,
  descriptions = DESCRIPTIONS,
): number | undefined {
  if (!existsSync(descriptions)) {
    if (process.env['CI'] === 'true') throw new Error(`The official API descriptions are missing: ${descriptions}`);
    return undefined;
  }
  const sent = [...pipedrive.log.all(), ...sap.log.all()].filter(({ client }) => isFromApp(client));
  const file = join(folder, 'requests.json');
  writeFileSync(file, JSON.stringify(sent.map((entry) => ({ ...entry, responseBody: '' }))));
  const checked = spawnSync(process.execPath, ['--import', 'tsx', CHECKER, file], { cwd: ROOT, encoding: 'utf8' });
  if (checked.status !== 0) {
    throw new Error(`Requests of the app against the official descriptions:\n${checked.stdout}${checked.stderr}`);
  }
  return sent.length;
}
