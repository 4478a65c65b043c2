import type { StoredErpAccess } from '../../../server/app/ports/erp-access.ts';
import type { Trust } from '../../../server/app/ports/installation-store.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createErp } from '../../../server/sap/erp.ts';
import type { SapNetwork } from '../../../server/sap/special-ranges.ts';
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
import { openScene } from './open-scene.ts';

const USAGE = `npm run contract:sap -- --url https://sap.example.com:50000/b1s/v2 [--write] [--report file.json]

Asks a Service Layer whether it is as the product expects. It only reads, unless --write is given: then it makes a few
documents for the first active customer (a draft, three or four orders, a quotation), removes the draft and cancels or closes the
rest, which stays visible, as does a row in PD_LINK where that table is there. Use a sandbox for that.

From the environment: SAP_COMPANY_DB, SAP_USER, SAP_PASSWORD; SAP_FINGERPRINT (SHA-256) where the certificate is not
publicly trusted; SAP_NETWORK=private for servers inside of your network.
Ends with 0 where everything holds, 1 where something differs, 2 where it could not begin, 3 where it was stopped.`;

export function contractSap(world: CommandWorld): Promise<ExitCode> {
  return orCannotBegin(world.print, () => run(world));
}

async function run({ args, env, print, saveReport, signal }: CommandWorld): Promise<ExitCode> {
  const { url, write = false, report } = readArguments(args, OPTIONS, USAGE);
  if (url === undefined) throw new CannotBegin(USAGE);
  const network = readNetwork(env);
  const access = await prepareAccess(url, network, env, signal, print);
  const { scene, close } = await openScene(access, { network, signal: UNBOUND }).catch((error: unknown) => {
    throw error instanceof AppError ? error : new CannotBegin(error instanceof Error ? error.message : 'No sign-in.');
  });
  try {
    const told = (result: Result) => print(lineFor(result));
    const results = await runSuite(ALL_CHECKS, scene, { write, told, stop: signal, isInTheWay });
    for (const line of summary(results, scene.left, 'SAP')) print(line);
    const about = { address: access.address, leftOut: LEFT_OUT };
    if (report !== undefined) await saveReport(report, asReport(results, scene.left, about));
    return exitCodeOf(results, signal);
  } finally {
    await close();
  }
}

const OPTIONS = { url: { type: 'string' }, write: { type: 'boolean' }, report: { type: 'string' } } as const;

const NETWORKS: readonly SapNetwork[] = ['public', 'private', 'loopback'];

function readNetwork(env: CommandWorld['env']): SapNetwork {
  const asked = env['SAP_NETWORK'] ?? 'public';
  const found = NETWORKS.find((network) => network === asked);
  if (found === undefined) throw new CannotBegin(`SAP_NETWORK is one of ${NETWORKS.join(', ')}, not ${asked}.`);
  return found;
}

function readSignIn(env: CommandWorld['env']): { companyDb: string; userName: string; password: string } {
  const wanted = ['SAP_COMPANY_DB', 'SAP_USER', 'SAP_PASSWORD'] as const;
  const missing = wanted.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) throw new CannotBegin(`Set ${missing.join(', ')} in the environment.\n\n${USAGE}`);
  const [companyDb = '', userName = '', password = ''] = wanted.map((name) => env[name]);
  return { companyDb, userName, password };
}

async function prepareAccess(
  url: string,
  network: SapNetwork,
  env: CommandWorld['env'],
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<StoredErpAccess> {
  const signIn = readSignIn(env);
  const never = () => Promise.reject(new Error('There is no connection yet.'));
  const erp = createErp({
    clock: { now: () => new Date() },
    random: Math.random,
    logger: silentLogger,
    network,
    access: {
      load: never,
      passwordRefused: never,
      passwordAccepted: never,
      sessionRefused: never,
      sessionAccepted: never,
      certificateRefused: never,
      certificateFilled: never,
    },
  });
  const address = await erp.checkAddress(url);
  const look = await erp.lookAtCertificate({ address, trust: { kind: 'public' }, proxy: null }, signal);
  const trust = trustIn(look.certificate, look.fault === null, env['SAP_FINGERPRINT']);
  const server = { address, trust, proxy: null };
  const seen = await erp.tryAccess({ ...server, ...signIn }, signal);
  print(`${seen.companyName} at ${address}, Service Layer ${seen.version}.`);
  const { localCurrency, timeZone } = seen;
  const secret = { ...signIn, password: createSecret(signIn.password) };
  return { ...server, ...secret, localCurrency, timeZone, version: '1', refusedPasswords: 0 };
}

interface Shown {
  readonly fingerprint: string;
  readonly subject: string;
  readonly pem: string;
}

function trustIn(shown: Shown, isPublic: boolean, confirmed: string | undefined): Trust {
  if (confirmed === undefined || confirmed === '') {
    if (isPublic) return { kind: 'public' };
    throw new CannotBegin(
      `The server's certificate is not publicly trusted. It shows ${shown.subject.replaceAll('\n', ', ')}.\nIf this is your server, run again with SAP_FINGERPRINT=${shown.fingerprint}`,
    );
  }
  const plain = (text: string) => text.toUpperCase().replace(/[^0-9A-F]/g, '');
  if (plain(confirmed) !== plain(shown.fingerprint))
    throw new CannotBegin(
      `The server shows another certificate than the one in SAP_FINGERPRINT: ${shown.fingerprint}. Nothing was sent.`,
    );
  return { kind: 'pinned', slots: [{ fingerprint: shown.fingerprint, pem: shown.pem }] };
}
