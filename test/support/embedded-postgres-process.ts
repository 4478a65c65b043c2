import { once } from 'node:events';
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';

// A process that holds an embedded server until it is told to end or is killed. Its arguments: the data folder, and
// `fast` to do without fsync. It writes one line of JSON when the server is ready, and ends properly when its standard
// input closes.
const [, , dataDir, durability] = process.argv;
if (dataDir === undefined) throw new Error('Which folder?');

const {
  appUrl,
  ownerUrl,
  superuserUrl,
  dataDir: place,
  reused,
  stop,
} = await startEmbeddedPostgres({
  dataDir,
  durable: durability !== 'fast',
});
process.stdout.write(`${JSON.stringify({ appUrl, ownerUrl, superuserUrl, dataDir: place, reused })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await stop();
process.exit(0);
