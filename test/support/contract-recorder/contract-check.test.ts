import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { contractsFolder } from './contracts-folder.ts';

const SUPPORT = path.join(import.meta.dirname, '..');

describe('a run of files whose tests succeed', () => {
  let said = '';
  let status: number | null = null;
  beforeAll(() => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    const args = ['--import', 'tsx', path.join(SUPPORT, 'run-planted-process.ts')];
    const run = spawnSync(process.execPath, args, { cwd: path.join(SUPPORT, '../..'), env, encoding: 'utf8' });
    said = run.stdout + run.stderr;
    ({ status } = run);
  });

  it.skipIf(!contractsFolder())(
    'SY-12: fails for requests that are described nowhere, in the file that sent them',
    () => {
      expect(said).toContain('2 passed');
      const failures = said.split(' FAIL ').slice(1);
      const of = (file: string) => failures.find((failure) => failure.startsWith(` test/support/${file}`)) ?? '';
      for (const violation of [
        'GET /api/v2/deals: query update_since is not described',
        'GET /v2/deals is described nowhere',
        'PATCH /api/v2/deals/{id}: body/org_id must be integer',
        'POST /oauth/revoke: form token is missing or given twice',
      ]) {
        expect(of('planted-requests-process.ts')).toContain(violation);
      }
      expect(of('planted-requests-process.ts')).not.toContain('/v2/leads');
      expect(of('planted-later-process.ts')).toContain('GET /v2/leads is described nowhere');
      expect(of('planted-later-process.ts')).not.toContain('/v2/deals');
      expect(status).toBe(1);
    },
  );
});
