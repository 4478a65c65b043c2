import { companyHost, type TrustedHosts } from '../../../server/pipedrive/api-domain.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import {
  CannotBegin,
  type CommandWorld,
  type ExitCode,
  exitCodeOf,
  orCannotBegin,
  readArguments,
  UNBOUND,
} from '../command-line.ts';
import { asReport, lineFor, summary } from '../report.ts';
import { type Result, runSuite } from '../run-suite.ts';
import { ALL_CHECKS, LEFT_OUT } from './all-checks.ts';
import { isInTheWay } from './in-the-way.ts';
import { openScene, type SceneAccess } from './open-scene.ts';

const USAGE = `npm run contract:pipedrive -- [--write] [--burst] [--receiver https://…] [--report file.json]

Asks a Pipedrive company whether it is as the product expects. It only reads, with fewer than 200 requests and 1,500
tokens of the company's day, unless --write is given: then it makes some records, fields and a note, changes, merges and
deletes them again. What could not be removed is told by name and id. Use a sandbox for that.

--burst sends up to 120 calls at once to see how more of them are refused.
--receiver is an address of yours that Pipedrive can reach and that answers 200; with --write, webhooks to it are made.

From the environment: PIPEDRIVE_API_DOMAIN (https://acme.pipedrive.com) and PIPEDRIVE_ACCESS_TOKEN of an installation, or
PIPEDRIVE_API_TOKEN, a personal one; never from the command line, which others can read. With PIPEDRIVE_CLIENT_ID and
PIPEDRIVE_CLIENT_SECRET the token endpoint is asked too, with PIPEDRIVE_REFRESH_TOKEN also for new tokens: that one may
be used up. Ends with 0 where everything holds, 1 where something differs, 2 where it could not begin, 3 where it was stopped.`;

const OPTIONS = {
  write: { type: 'boolean' },
  burst: { type: 'boolean' },
  receiver: { type: 'string' },
  report: { type: 'string' },
} as const;

export function contractPipedrive(world: CommandWorld): Promise<ExitCode> {
  return orCannotBegin(world.print, () => run(world));
}

async function run({ args, env, print, saveReport, signal }: CommandWorld): Promise<ExitCode> {
  const { write = false, burst = false, receiver = null, report } = readArguments(args, OPTIONS, USAGE);
  const access = readAccess(env);
  const { scene, close } = await openScene(access, { burst, receiver }, { signal: UNBOUND });
  try {
    print(`${scene.me.companyName} at ${access.apiDomain}, as ${scene.me.userName}.`);
    const told = (result: Result) => print(lineFor(result));
    const results = await runSuite(ALL_CHECKS, scene, { write, told, stop: signal, isInTheWay });
    for (const line of summary(results, scene.left, 'Pipedrive')) print(line);
    const { requests, tokens } = scene.spent;
    print(`It took ${requests} requests and at most ${tokens} tokens.`);
    const about = { address: access.apiDomain, leftOut: LEFT_OUT, requests, tokens };
    if (report !== undefined) await saveReport(report, asReport(results, scene.left, about));
    return exitCodeOf(results, signal);
  } finally {
    await close();
  }
}

type Env = CommandWorld['env'];

function given(env: Env, name: string): string | undefined {
  return env[name] || undefined;
}

function readAccess(env: Env): SceneAccess {
  const typed = given(env, 'PIPEDRIVE_API_DOMAIN');
  const oauth = given(env, 'PIPEDRIVE_ACCESS_TOKEN');
  const token = oauth ?? given(env, 'PIPEDRIVE_API_TOKEN');
  const missing = [
    ...(typed === undefined ? ['PIPEDRIVE_API_DOMAIN'] : []),
    ...(token === undefined ? ['PIPEDRIVE_ACCESS_TOKEN (or PIPEDRIVE_API_TOKEN)'] : []),
  ];
  if (typed === undefined || token === undefined)
    throw new CannotBegin(`Set ${missing.join(' and ')} in the environment.\n\n${USAGE}`);
  const trusted = readTrusted(env);
  const apiDomain = companyHost(typed, trusted);
  if (apiDomain === undefined)
    throw new CannotBegin(`PIPEDRIVE_API_DOMAIN is no company's address under ${trusted.domain}. Nothing was sent.`);
  const kind = oauth === undefined ? 'api_token' : 'oauth';
  return { apiDomain, kind, token: createSecret(token), trusted, app: readApp(env) };
}

function readTrusted(env: Env): TrustedHosts {
  const local = (given(env, 'PIPEDRIVE_LOCAL_HOSTS') ?? '').split(',').filter((host) => host !== '');
  return { domain: given(env, 'PIPEDRIVE_DOMAIN') ?? 'pipedrive.com', localHosts: new Set(local) };
}

function readApp(env: Env): SceneAccess['app'] {
  const clientId = given(env, 'PIPEDRIVE_CLIENT_ID');
  const secret = given(env, 'PIPEDRIVE_CLIENT_SECRET');
  if (clientId === undefined || secret === undefined) return null;
  const refreshToken = given(env, 'PIPEDRIVE_REFRESH_TOKEN');
  const oauthUrl = given(env, 'PIPEDRIVE_OAUTH_URL') ?? 'https://oauth.pipedrive.com';
  if (!/^(https:\/\/|http:\/\/127\.0\.0\.1:)[a-z0-9.:-]+$/.test(oauthUrl))
    throw new CannotBegin('PIPEDRIVE_OAUTH_URL is an address with https:// and no slash at its end. Nothing was sent.');
  return {
    oauthUrl,
    clientId,
    clientSecret: createSecret(secret),
    refreshToken: refreshToken === undefined ? null : createSecret(refreshToken),
  };
}
