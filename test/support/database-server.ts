import { z } from 'zod';
import { APP_ROLE, OWNER_LOGIN, urlForDatabase } from '../../server/db/roles.ts';

/** The server that all tests of a run share, and the migrated database that each clones its own from. */
const DatabaseServer = z.object({
  superuserUrl: z.string(),
  template: z.string(),
  passwords: z.object({ owner: z.string(), app: z.string() }),
});
export type DatabaseServer = z.infer<typeof DatabaseServer>;

const VARIABLE = 'ORDERLINE_TEST_DATABASE_SERVER';

/** For the test files' own processes, which inherit the environment. */
export function publishDatabaseServer(server: DatabaseServer): void {
  process.env[VARIABLE] = JSON.stringify(server);
}

/** @throws Error outside a run that test/support/global-setup.ts has prepared */
export function databaseServer(): DatabaseServer {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('No database server: the global set-up has not run.');
  return DatabaseServer.parse(JSON.parse(text));
}

/** Addresses of one database for each of the three kinds of login. */
export function databaseUrls({ superuserUrl, passwords }: Omit<DatabaseServer, 'template'>, database: string) {
  const urlAs = (role: string, password: string): string => {
    const url = new URL(urlForDatabase(superuserUrl, database));
    url.username = role;
    url.password = password;
    return url.href;
  };
  return {
    appUrl: urlAs(APP_ROLE, passwords.app),
    ownerUrl: urlAs(OWNER_LOGIN, passwords.owner),
    superuserUrl: urlForDatabase(superuserUrl, database),
  };
}
