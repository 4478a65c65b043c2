import { gzipSync } from 'node:zlib';
import { createRandom } from '../../practice/kernel/random.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** A delivery that is as Pipedrive sends it. */
export function goodBody(companyId: string, id: string): string {
  const meta = {
    action: 'change',
    entity: 'deal',
    entity_id: '7',
    id,
    company_id: companyId,
    webhook_id: '1',
    timestamp: '2026-03-02T09:00:00.123Z',
    attempt: 1,
    version: '2.0',
  };
  return JSON.stringify({ meta, data: { id: 7, title: 'Desks', status: 'won' }, previous: { status: 'open' } });
}

const ODD_TEXTS = [
  '',
  'null',
  '[]',
  '"x"',
  '0',
  '{}',
  '{"meta":[]}',
  '{"meta":{}}',
  '\ufeff{}',
  '{"data":{"title":"\\u0000"}}',
  '{"data":{"title":"\\ud800"}}',
  '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}',
  '{"status":"open","status":"won"}',
  '{"meta":{"action":"change","entity":"deal","entity_id":9007199254740993}}',
  '{"meta":{"action":"change","entity":"deal","entity_id":1e3}}',
  '{"meta":{"action":"change","entity":"deal","entity_id":-1,"timestamp":0}}',
  '['.repeat(20_000),
  '{"a":'.repeat(20_000),
  '-',
  '1e400',
];
const ODD_VALUES: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  0.5,
  1e300,
  '12',
  '\u0000',
  '\ud800',
  'x'.repeat(5_000),
  [],
  {},
  [[]],
  true,
  '9007199254740993',
];

/** A body that nobody should send, drawn from a seed: the same seed, the same bytes. */
export function oddBody(seed: number, companyId: string): Bytes {
  const random = createRandom(seed);
  const draw = (below: number) => Math.floor(random.next() * below);
  const good = goodBody(companyId, `event-${seed}`);
  const makers: readonly (() => Bytes)[] = [
    () => bytesOf(ODD_TEXTS[draw(ODD_TEXTS.length)] ?? ''),
    () => noise(draw(2_000), draw),
    () => bytesOf(good.slice(0, draw(good.length))),
    () => damaged(bytesOf(good), 1 + draw(20), draw),
    () => bytesOf(withOddField(good, draw)),
    () => bytesOf(good + good),
    () => Uint8Array.from(Buffer.from(good, 'utf16le')),
    () => Uint8Array.from(gzipSync(good)),
    () => bytesOf(good.replace('"Desks"', JSON.stringify('\u202e\u0000\u0301'.repeat(draw(500))))),
  ];
  return (makers[draw(makers.length)] ?? (() => bytesOf('')))();
}

/** What the sender says about it, which is as odd. */
export function oddHeaders(seed: number): Readonly<Record<string, string>> {
  const choices: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-encoding': 'gzip' },
    { 'content-encoding': 'x-unknown' },
    { 'x-odd': 'caf\u00e9' },
  ];
  return choices[seed % choices.length] ?? {};
}

function bytesOf(text: string): Bytes {
  return Uint8Array.from(Buffer.from(text, 'utf8'));
}

function noise(length: number, draw: (below: number) => number): Bytes {
  return Uint8Array.from({ length }, () => draw(256));
}

function damaged(bytes: Bytes, places: number, draw: (below: number) => number): Bytes {
  for (let index = 0; index < places; index += 1) bytes[draw(bytes.length)] = draw(256);
  return bytes;
}

function withOddField(good: string, draw: (below: number) => number): string {
  const names = [
    'action',
    'entity',
    'entity_id',
    'id',
    'company_id',
    'timestamp',
    'attempt',
    'version',
    'merged_to_id',
  ];
  const name = names[draw(names.length)] ?? 'id';
  const value = ODD_VALUES[draw(ODD_VALUES.length)];
  const body: { meta: Record<string, unknown> } = JSON.parse(good);
  if (draw(4) === 0) delete body.meta[name];
  else body.meta[name] = value;
  return JSON.stringify(body);
}
