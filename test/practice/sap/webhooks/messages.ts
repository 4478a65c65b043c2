import { randomUUID } from 'node:crypto';
import type { Fields } from '../../kernel/json.ts';
import { recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import type { BusinessEvent } from './catalog.ts';

/** Whether a subscription asks for that event. */
export function wants(row: Fields, event: BusinessEvent): boolean {
  return recordsOf(row, 'EventCollection').some(
    (entry) =>
      textOf(entry, 'BusinessObject') === event.object && textOf(entry, 'TransactionType') === event.transaction,
  );
}

/** The event as it is told: like a cloud event, its time in UTC. */
export function messageOf(company: Company, { object, transaction, keys }: BusinessEvent): Fields {
  const text = company.settings.webhookKeysAre === 'text';
  return {
    id: randomUUID(),
    specversion: '1.0',
    source: `/default/sap.b1/${company.name}`,
    type: `sap.b1.${object}.${transaction}.v1`,
    subject: keys.map(([, value]) => String(value)).join(','),
    time: new Date(company.clock.now()).toISOString(),
    datacontenttype: 'application/json',
    data: Object.fromEntries(keys.map(([name, value]) => [name, text ? String(value) : value])),
  };
}
