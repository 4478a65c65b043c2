import { afterEach, describe, expect, it } from 'vitest';
import { contractPipedrive } from '../contract/pipedrive/command.ts';
import { startContractTown } from '../support/contract-town.ts';
import { ADMIN, type Rig } from './practice-pipedrive/harness.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.pipedrive.close();
});

async function startTown(): Promise<Rig> {
  const rig = await startContractTown();
  rigs.push(rig);
  return rig;
}

describe('npm run contract:pipedrive', () => {
  async function command(rig: Rig, args: readonly string[], env: Readonly<Record<string, string>>, stopAt = /^never$/) {
    const stop = new AbortController();
    const lines: string[] = [];
    const reports = new Map<string, string>();
    const code = await contractPipedrive({
      args,
      env: { PIPEDRIVE_LOCAL_HOSTS: rig.pipedrive.localHosts(), ...env },
      print(line) {
        lines.push(line);
        if (stopAt.test(line)) stop.abort();
      },
      saveReport: async (file, text) => void reports.set(file, text),
      signal: stop.signal,
    });
    return { code, text: lines.join('\n'), reports };
  }
  const envOf = async (rig: Rig) => ({
    PIPEDRIVE_API_DOMAIN: rig.company.apiDomain,
    PIPEDRIVE_ACCESS_TOKEN: (await rig.tokenOf(ADMIN.id)).access,
  });

  it('says what is missing, takes no token from the command line, and sends nothing', async () => {
    const rig = await startTown();
    const { PIPEDRIVE_API_DOMAIN, PIPEDRIVE_ACCESS_TOKEN } = await envOf(rig);
    const unset = await command(rig, [], {});
    expect(unset).toMatchObject({
      code: 2,
      text: expect.stringContaining('PIPEDRIVE_API_DOMAIN and PIPEDRIVE_ACCESS_TOKEN'),
    });
    for (const args of [
      [PIPEDRIVE_ACCESS_TOKEN],
      ['--token', PIPEDRIVE_ACCESS_TOKEN],
      [`--token=${PIPEDRIVE_ACCESS_TOKEN}`],
    ]) {
      const refused = await command(rig, args, { PIPEDRIVE_API_DOMAIN });
      expect(refused.code).toBe(2);
      expect(refused.text).not.toContain(PIPEDRIVE_ACCESS_TOKEN);
    }
    const foreign = await command(rig, [], {
      PIPEDRIVE_ACCESS_TOKEN,
      PIPEDRIVE_API_DOMAIN: 'https://acme.example.com',
    });
    expect(foreign).toMatchObject({ code: 2, text: expect.stringContaining('Nothing was sent.') });
    expect(rig.company.requests()).toEqual([]);
  });

  it('reports a refused token in one sentence, without the token', async () => {
    const rig = await startTown();
    const { PIPEDRIVE_API_DOMAIN } = await envOf(rig);
    const { code, text } = await command(rig, [], { PIPEDRIVE_API_DOMAIN, PIPEDRIVE_ACCESS_TOKEN: 'not-the-token' });
    expect(code).toBe(2);
    expect(text).not.toContain('not-the-token');
    expect(rig.company.requests()).toHaveLength(1);
  });

  it('prints each result, counts them and their price, and writes the report, none with a secret', async () => {
    const rig = await startTown();
    const { access, refresh } = await rig.tokenOf(ADMIN.id);
    const app = {
      PIPEDRIVE_CLIENT_ID: rig.pipedrive.app.clientId,
      PIPEDRIVE_CLIENT_SECRET: rig.pipedrive.app.clientSecret,
      PIPEDRIVE_REFRESH_TOKEN: refresh,
      PIPEDRIVE_OAUTH_URL: rig.pipedrive.oauthUrl,
    };
    const env = { ...(await envOf(rig)), ...app };
    const { code, text, reports } = await command(rig, ['--report', 'r.json'], env);
    expect(code).toBe(0);
    expect(text).toMatch(/^holds +query\.ids/m);
    expect(text).toMatch(/^\d+ hold, 0 differ, \d+ could not be asked\.$/m);
    expect(text).toMatch(/^It took \d+ requests and at most \d+ tokens\.$/m);
    const report = reports.get('r.json') ?? '';
    expect(JSON.parse(report)).toMatchObject({ address: rig.company.apiDomain, left: [] });
    for (const secret of [access, refresh, rig.pipedrive.app.clientSecret]) expect(text + report).not.toContain(secret);
  });

  it('stopped by hand, it ends what it is at and asks nothing more', async () => {
    const rig = await startTown();
    const { code, text } = await command(rig, ['--write'], await envOf(rig), /write\.organization/);
    expect(code).toBe(3);
    expect(text).toContain('Stopped by hand.');
    expect(rig.company.organizations().filter(({ name }) => name.startsWith('Orderline'))).toEqual([]);
  });
});
