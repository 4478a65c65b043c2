import { afterAll, beforeAll, expect, it } from 'vitest';
import { pinnedTo } from '../../support/trust.ts';
import { type Identity, makeIdentity, startTlsFake } from './tls-fake.ts';
import { wire } from './wire-bench.ts';

/** In `npm run test:soak` as many as are asked for there, 10,000 unless told otherwise. */
const CONNECTS = Number(process.env['ORDERLINE_SEEDS'] ?? 500);
const PUBLIC = '93.184.216.34';

let identity: Identity;
let sink: Awaited<ReturnType<typeof startTlsFake>>;
beforeAll(async () => {
  identity = await makeIdentity();
  sink = await startTlsFake(identity, (_heard, response) => response.end('inside'));
});
afterAll(() => sink.close());

function wireInto(host: string, resolve: () => Promise<readonly string[]>) {
  return wire({ port: sink.port, host, trust: pinnedTo(identity.cert), options: { network: 'public', resolve } });
}

/** One of each special range, and spellings that libraries read as an address inside. */
const INSIDE = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1'],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:93.184.216.34', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254'],
  ...['fe80::1', 'fe80::1%lo', 'fec0::1', 'ff02::1', '0x7f.1', '2130706433', '127.1', ''],
];

it.each(INSIDE)(
  'SE-02: no socket is opened to %j, named or resolved, alone or beside a good address',
  async (address) => {
    const resolved = [[address], [PUBLIC, address], [address, PUBLIC]];
    const lines = resolved.map((addresses) => wireInto('sap.example.com', async () => addresses));
    if (/^[\d.]+$|^[0-9a-f:]+$/.test(address) && address.length > 1) {
      lines.push(wireInto(address.includes(':') ? `[${address}]` : address, async () => [address]));
    }
    for (const { ask, close } of lines) {
      await expect(ask()).rejects.toMatchObject({ left: false, cause: { code: 'SAP_NETWORK_REFUSED' } });
      await close();
    }
    expect(sink.connections()).toBe(0);
  },
);

it(`SE-03: of ${CONNECTS} connects under a name that flips, none gets inside`, async () => {
  let asked = 0;
  const answers = [['127.0.0.1'], [PUBLIC, '127.0.0.1'], ['::1'], ['127.0.0.1', PUBLIC]] as const;
  const { ask, close } = wireInto('sap.example.com', async () => {
    asked += 1;
    return answers[asked % answers.length] ?? [];
  });
  for (let round = 0; round < CONNECTS; round += 1) {
    await expect(ask()).rejects.toMatchObject({ left: false, cause: { code: 'SAP_NETWORK_REFUSED' } });
  }
  await close();
  expect(asked).toBe(CONNECTS);
  expect(sink.connections()).toBe(0);
  expect(sink.heard).toEqual([]);
});
