import { describe, expect, it } from 'vitest';
import { makeLeavingOut } from '../../../server/app/leave-out-fields.ts';
import { RejectedError } from '../../../server/kernel/errors.ts';

const GONE = 'ab'.repeat(20);
const KEPT = 'cd'.repeat(20);

const refusal = (field: string | undefined) =>
  new RejectedError({ system: 'pipedrive', code: 'ERR_SCHEMA_VALIDATION_FAILED', words: 'gone', message: 'x', field });

function start(fails: (values: object) => RejectedError | undefined) {
  const findings: string[] = [];
  const jobs: string[] = [];
  const sent: object[] = [];
  const deps = {
    clock: { now: () => new Date('2026-03-02T09:00:00Z') },
    unitOfWork: { within: async (_id: unknown, work: (tx: unknown) => unknown) => work({}) },
    findings: { raise: async (_tx: unknown, finding: { subject: string }) => void findings.push(finding.subject) },
    jobs: { enqueueWithin: async (_tx: unknown, job: { task: string }) => void jobs.push(job.task) },
  };
  const place = { installationId: 'i', connectionId: 'c', priority: 'background', consequence: 'they come without it' };
  // Only what is used is there.
  const leavingOut = Reflect.apply(makeLeavingOut, undefined, [deps, place]) as ReturnType<typeof makeLeavingOut>;
  const write = (values: { name: string; customFields: Record<string, unknown> }) =>
    leavingOut.write(values, async (given) => {
      sent.push(given);
      const failure = fails(given);
      if (failure) throw failure;
      return 7;
    });
  return { write, leavingOut, findings, jobs, sent };
}

const values = (codes: readonly string[]) => ({
  name: 'Nordwind',
  customFields: Object.fromEntries(codes.map((code) => [code, 'x'])),
});
const refusingKept = (given: object) => (JSON.stringify(given).includes(KEPT) ? refusal(KEPT) : undefined);
const refusingGone = (given: object) => (JSON.stringify(given).includes(GONE) ? refusal(GONE) : undefined);

describe('SY-12, 5.7 no. 12: a custom field that Pipedrive no longer has', () => {
  it('is left out, the record is sent once more, and so are the next ones without asking', async () => {
    const { write, leavingOut, findings, jobs, sent } = start(refusingGone);
    await expect(write(values([GONE, KEPT]))).resolves.toBe(7);
    await expect(write(values([GONE, KEPT]))).resolves.toBe(7);
    expect(sent).toEqual([values([GONE, KEPT]), values([KEPT]), values([KEPT])]);
    expect(findings).toEqual([`field:${GONE}`]);
    expect(jobs).toEqual(['fields.ensure']);
    expect(leavingOut.concerns(values([GONE]))).toBe(true);
    expect(leavingOut.concerns(values([KEPT]))).toBe(false);
  });

  it.each([
    ['names no field', refusal(undefined)],
    ['names a field that was not sent', refusal('ef'.repeat(20))],
  ])('a refusal that %s is passed on after one request', async (_name, failure) => {
    const { write, sent, findings } = start(() => failure);
    await expect(write(values([GONE]))).rejects.toBe(failure);
    expect(sent).toHaveLength(1);
    expect(findings).toEqual([]);
  });

  it('is left out beside another one that is gone too', async () => {
    const { write, findings, sent } = start((given) => refusingGone(given) ?? refusingKept(given));
    await expect(write(values([GONE, KEPT]))).resolves.toBe(7);
    expect(sent).toEqual([values([GONE, KEPT]), values([KEPT]), values([])]);
    expect(findings).toEqual([`field:${GONE}`, `field:${KEPT}`]);
  });

  it('is not the only thing that is wrong: what is refused for another reason is passed on', async () => {
    const failure = refusal(undefined);
    const { write, sent } = start((given) => refusingGone(given) ?? failure);
    await expect(write(values([GONE, KEPT]))).rejects.toBe(failure);
    expect(sent).toHaveLength(2);
  });
});
