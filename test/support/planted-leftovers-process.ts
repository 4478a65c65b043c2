import { createServer } from 'node:net';
import { expect, it } from 'vitest';

/** As planted-requests-process.ts: it succeeds, and leaves the process otherwise than it found it. */
it('leaves something behind', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['ORDERLINE_PLANTED'] = 'a value that is shown to nobody';
  process.on('SIGHUP', () => undefined);
  const { now } = Date;
  Date.now = () => now() + 1;
  expect(server.listening).toBe(true);
});
