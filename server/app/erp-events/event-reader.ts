import { z } from 'zod';
import type { StreamName } from '../ports/job-queue.ts';

/** One event as SAP's messenger sends it. A hint: the stream it belongs to is read, nothing is taken from the event. */
export interface ErpEvent {
  readonly id: string;
  readonly stream: StreamName;
  readonly at: Date;
  /** Company database that it comes from; null where it does not say. */
  readonly companyDb: string | null;
}

const Event = z.object({
  id: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  type: z.string().max(200),
  time: z.iso.datetime({ offset: true }),
  source: z.string().max(300).nullish(),
});

/** `sap.b1.BusinessPartners.Updated.v1`. */
const TYPE = /^sap\.b1\.(\w+)\.[A-Za-z]+\.v\d+$/;

/** What moves a partner's balance is read with the credit stream. */
const STREAM_OF: ReadonlyMap<string, StreamName> = new Map([
  ['BusinessPartners', 'partners'],
  ['Items', 'items'],
  ['Orders', 'credit'],
  ['DeliveryNotes', 'credit'],
  ['Invoices', 'credit'],
  ['CreditNotes', 'credit'],
  ['IncomingPayments', 'credit'],
  ['JournalEntries', 'credit'],
]);

/**
 * The events of a delivery, an array in SAP's guide; a single one is read too. What is not about our streams, or cannot be
 * read, is left out: polling finds it. Never throws.
 */
export function readErpEvents(body: Uint8Array): readonly ErpEvent[] {
  const json = parseJson(body);
  const entries: readonly unknown[] = Array.isArray(json) ? json : [json];
  return entries.flatMap((entry) => {
    const read = Event.safeParse(entry);
    if (!read.success) return [];
    const { id, type, time, source } = read.data;
    const stream = STREAM_OF.get(TYPE.exec(type)?.[1] ?? '');
    return stream === undefined ? [] : [{ id, stream, at: new Date(time), companyDb: companyOf(source) }];
  });
}

/** `/default/sap.b1/ACME_PROD`. */
function companyOf(source: string | null | undefined): string | null {
  const name = source?.split('/').at(-1) ?? '';
  return name === '' ? null : name;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
