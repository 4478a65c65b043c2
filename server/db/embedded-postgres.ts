import { ROOT_BASE, serverAccount } from './embedded/account.ts';
import { prepareBinaries } from './embedded/binaries.ts';
import { ensureCluster, placeFor } from './embedded/cluster.ts';
import { ensureServer, stopServer, stopServerSync, superuserUrl } from './embedded/server-process.ts';
import { serverUsers } from './embedded/users.ts';
import { APP_ROLE, ensureDatabase, ensureRoles, OWNER_LOGIN } from './roles.ts';

const DATABASE = 'orderline';

export interface EmbeddedPostgres {
  /** As the application role: what `DATABASE_URL` would be. */
  readonly appUrl: string;
  /** As the role that runs migrations: what `DATABASE_OWNER_URL` would be. */
  readonly ownerUrl: string;
  /** For tests and set-up alone. */
  readonly superuserUrl: string;
  /** Where it lies: as root under a closed folder not where it was asked for. */
  readonly dataDir: string;
  /** Whether the server ran already, left by a killed process or started by another one. */
  readonly reused: boolean;
  /** Leaves the server, and stops it if no other process uses it. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL of our own under `dataDir`, on a free port of 127.0.0.1, with all roles and the database made.
 * Any number of processes may share it. For development, the demo and tests; never for production.
 * @param durable false gives up fsync, for tests: a crash of the machine may then lose the data
 * @throws Error if this platform has no build or the server does not come up
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  durable?: boolean;
}): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const account = serverAccount();
  const dataDir = placeFor(options.dataDir, account);
  const binaries = prepareBinaries(account ? ROOT_BASE : dataDir, account !== undefined);
  const cluster = ensureCluster(dataDir, binaries, account, durable);

  const users = serverUsers(dataDir);
  users.join();
  const server = await ensureServer(cluster, durable);
  const superuser = superuserUrl(cluster, server.port);
  await ensureRoles(superuser, { owner: cluster.passwords.owner, app: cluster.passwords.app });
  await ensureDatabase(superuser, DATABASE);

  const onExit = (): void => {
    if (users.leave()) stopServerSync(cluster);
  };
  process.once('exit', onExit);

  const urlFor = (role: string, password: string): string =>
    `postgres://${role}:${password}@127.0.0.1:${server.port}/${DATABASE}`;
  return {
    appUrl: urlFor(APP_ROLE, cluster.passwords.app),
    ownerUrl: urlFor(OWNER_LOGIN, cluster.passwords.owner),
    superuserUrl: superuser,
    dataDir,
    reused: server.reused,
    async stop() {
      process.removeListener('exit', onExit);
      if (users.leave()) await stopServer(cluster, server.pid);
    },
  };
}
