import { differs, type Found, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import type { RawAnswer, RawClient } from '../raw-client.ts';

const OUTER = 'batch_contract';

function batchOf(targets: readonly string[]): string {
  const parts = targets.map(
    (target) =>
      `--${OUTER}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ${target} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n`,
  );
  return `${parts.join('')}--${OUTER}--\r\n`;
}

async function sendBatch(raw: RawClient, targets: readonly string[]): Promise<RawAnswer> {
  const headers = { 'content-type': `multipart/mixed;boundary=${OUTER}`, accept: 'multipart/mixed' };
  const ask = () =>
    raw.once('POST', '$batch', { headers, body: batchOf(targets.map((one) => `/b1s/${raw.version}/${one}`)) });
  const first = await ask();
  if (first.status !== 401 && first.status < 500) return first;
  await raw.read('Items/$count');
  return ask();
}

const statusesIn = (answer: RawAnswer): string[] =>
  [...answer.text.matchAll(/^HTTP\/1\.\d (\d{3})/gm)].map((match) => match[1] ?? '');

function readable(raw: RawClient, answer: RawAnswer, expected: readonly string[]): Found {
  const outer = raw.version === 'v1' ? 202 : 200;
  const inner = statusesIn(answer);
  if (answer.status >= 400) return differs(`The batch is answered with ${answer.status}.`);
  return verdict(
    [[inner.join() === expected.join(), `The parts are answered with ${inner.join(', ') || 'nothing'}.`]],
    answer.status === outer ? undefined : `The whole is answered with ${answer.status}.`,
  );
}

/** Several requests in one. Source: reference 5.5. Change sets are among the checks that write. */
export const batchChecks: readonly Check[] = [
  {
    name: 'batch.reads',
    claim: 'A batch of reads answers each of them, in their order.',
    run: async ({ raw }) =>
      readable(
        raw,
        await sendBatch(raw, ['Items?$top=1&$select=ItemCode', 'Warehouses?$top=1&$select=WarehouseCode']),
        ['200', '200'],
      ),
  },
  {
    name: 'batch.stops',
    claim: 'A batch stops at the first part that fails; what comes after it is not answered.',
    run: async ({ raw }) =>
      readable(
        raw,
        await sendBatch(raw, ["Items('~none~')?$select=ItemCode", 'Warehouses?$top=1&$select=WarehouseCode']),
        ['404'],
      ),
  },
];
