import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRequests } from '../../practice/demo/check-requests.ts';
import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { contractsFolder } from '../../support/contract-recorder/contracts-folder.ts';

const asked = (path: string, client = 'Orderline/0.1.0'): LoggedRequest => ({
  at: 0,
  side: 'pipedrive',
  method: 'GET',
  path,
  headers: {},
  body: '',
  status: 200,
  responseBody: '{"success":true}',
  client,
});
const world = (requests: readonly LoggedRequest[]) => ({
  pipedrive: { log: { all: () => requests } },
  sap: { log: { all: () => [] } },
});

describe.skipIf(!contractsFolder())('SY-12: the requests of the demo', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orderline-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('end it with CI=true where the descriptions are missing, and are not checked elsewhere', () => {
    const before = process.env['CI'];
    try {
      process.env['CI'] = 'true';
      expect(() => checkRequests(world([]), folder, join(folder, 'README.md'))).toThrow('descriptions are missing');
      delete process.env['CI'];
      expect(checkRequests(world([]), folder, join(folder, 'README.md'))).toBeUndefined();
    } finally {
      if (before === undefined) delete process.env['CI'];
      else process.env['CI'] = before;
    }
  });

  it('end the demo where one is not described', () => {
    const browser = asked('/api/v2/nothing', 'Mozilla/5.0');
    const log = [asked('/api/v2/deals/7'), browser, asked('/api/v2/deals?update_since=2026-03-02T09:00:00Z')];
    expect(() => checkRequests(world(log), folder)).toThrow(
      /^Requests .*\nGET \/api\/v2\/deals: query update_since is not described\n$/,
    );
  });
});
