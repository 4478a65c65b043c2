import { describe, expect, it } from 'vitest';
import { makeWriteBack } from '../../../server/app/order-handoff/write-back.ts';
import type { CrmCaller, CustomFields } from '../../../server/app/ports/crm.ts';
import type { CrmFieldPurpose } from '../../../server/app/ports/crm-field-store.ts';
import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import { DEFAULT_SETTINGS } from '../../../server/app/ports/settings-store.ts';
import { ForbiddenError, NotFoundError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { aHandoff } from './a-handoff.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const CODES = {
  'deal.sap_document': 'd'.repeat(40),
  'deal.sap_status': 'a'.repeat(40),
  'deal.sap_link': 'e'.repeat(40),
};
const POSTED: Partial<Handoff> = { state: 'posted', docEntry: 12, docNum: 1234, document: 'order', sent: true };

const refused = (field?: string) =>
  new RejectedError({ system: 'pipedrive', code: '400', words: 'no such field', message: 'no such field', field });

/** @param fails what Pipedrive says to these values */
function start(
  row: Partial<Handoff>,
  {
    theirs = [],
    fails,
  }: { theirs?: readonly CrmFieldPurpose[]; fails?: (values: CustomFields) => Error | undefined } = {},
) {
  const handoff = aHandoff(row);
  const sent: CustomFields[] = [];
  const notes: string[] = [];
  const findings: string[] = [];
  const jobs: string[] = [];
  const verbs: string[] = [];
  const purposes: string[] = [];
  const deps = {
    clock: { now: () => NOW },
    unitOfWork: { within: async (_id: unknown, work: (tx: unknown) => unknown) => work({ installationId: 'i' }) },
    installations: { get: async () => ({ status: 'active', apiDomain: 'https://n.pipedrive.com' }) },
    connections: { list: async () => [{ id: handoff.connectionId, companyDb: 'NORD' }] },
    settings: { get: async () => ({ version: 1, settings: DEFAULT_SETTINGS }) },
    crmFields: {
      list: async () =>
        Object.entries(CODES).map(([purpose, code]) => ({
          purpose,
          code,
          own: !theirs.some((one) => one === purpose),
        })),
    },
    handoffs: {
      find: async () => handoff,
      markNotePosting: async () => true,
      setNote: async () => undefined,
      markWrittenBack: async () => true,
    },
    findings: { raise: async (_tx: unknown, { subject }: { subject: string }) => void findings.push(subject) },
    audit: { append: async (_tx: unknown, { verb }: { verb: string }) => void verbs.push(verb) },
    jobs: { enqueueWithin: async (_tx: unknown, { task }: { task: string }) => void jobs.push(task) },
    crm: {
      updateDealFields: async ({ purpose }: CrmCaller, _dealId: number, values: CustomFields) => {
        sent.push(values);
        purposes.push(purpose);
        const failure = fails?.(values);
        if (failure) throw failure;
      },
      createDealNote: async (_caller: unknown, _dealId: number, html: string) => {
        notes.push(html);
        return 3;
      },
    },
  };
  // Only what is used is there.
  const writeBack = Reflect.apply(makeWriteBack, undefined, [deps]) as ReturnType<typeof makeWriteBack>;
  const run = () =>
    Reflect.apply(writeBack, undefined, ['i', handoff.id, new AbortController().signal]) as Promise<void>;
  return { run, sent, notes, findings, jobs, verbs, purposes };
}

const has = (values: CustomFields, code: string) => code in values;

describe('the receipt on a deal', () => {
  it('goes into the fields that are there, and into one note', async () => {
    const { run, sent, notes, verbs } = start(POSTED);
    await run();
    expect(sent).toMatchObject([
      { [CODES['deal.sap_document']]: 'Sales order 1234', [CODES['deal.sap_status']]: 'In SAP' },
    ]);
    expect(notes).toHaveLength(1);
    expect(verbs).toEqual(['handoff_written_back']);
  });

  it('comes without a field that somebody deleted, which is told once; all else is written, the note too', async () => {
    const gone = CODES['deal.sap_link'];
    const { run, sent, notes, findings, jobs, verbs } = start(POSTED, {
      fails: (values) => (has(values, gone) ? refused(gone) : undefined),
    });
    await run();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual({ [CODES['deal.sap_document']]: 'Sales order 1234', [CODES['deal.sap_status']]: 'In SAP' });
    expect(notes).toHaveLength(1);
    expect(findings).toEqual([`field:${gone}`]);
    expect(jobs).toEqual(['fields.ensure']);
    // The sweep writes it once more, with the field that was made anew.
    expect(verbs).toEqual([]);
  });

  it.each([
    ['refuses the fields without naming one', refused()],
    ['gives no right to write them', new ForbiddenError('no right')],
  ])('has its note where Pipedrive %s, and the job is not taken for done', async (_name, failure) => {
    const { run, notes, verbs } = start(POSTED, { fails: () => failure });
    await expect(run()).rejects.toBe(failure);
    expect(notes).toHaveLength(1);
    expect(verbs).toEqual([]);
  });

  it.each([
    ['does not answer', new UnavailableError('away'), true],
    ['no longer has the deal', new NotFoundError('gone'), false],
  ])('is left whole where Pipedrive %s', async (_name, failure, throws) => {
    const { run, notes } = start(POSTED, { fails: () => failure });
    await (throws ? expect(run()).rejects.toBe(failure) : expect(run()).resolves.toBeUndefined());
    expect(notes).toEqual([]);
  });

  it('AP-02 is a part of the order the first time alone: filling a field that was made anew takes nothing kept for orders', async () => {
    const first = start(POSTED);
    await first.run();
    expect(first.purposes).toEqual(['order']);
    const again = start({ ...POSTED, noteId: 3 });
    await again.run();
    expect(again.purposes).toEqual(['status']);
  });

  it('empties number and link while there is no document, but nothing in a field of the company’s own', async () => {
    const row: Partial<Handoff> = { state: 'needs_attention', problems: [{ code: 'x', message: 'No customer.' }] };
    const own = start(row);
    await own.run();
    expect(own.sent).toMatchObject([{ [CODES['deal.sap_document']]: null, [CODES['deal.sap_link']]: null }]);
    const { run, sent } = start(row, { theirs: ['deal.sap_document', 'deal.sap_link', 'deal.sap_status'] });
    await run();
    expect(sent).toEqual([{ [CODES['deal.sap_status']]: 'Not sent: No customer.' }]);
  });
});
