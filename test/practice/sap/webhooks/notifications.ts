import { textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import type { CloudEvent } from './catalog.ts';

/** Writes what was sent into `EventNotifications`; what was never sent is not there. */
export function noteDispatch(company: Company, batch: readonly CloudEvent[], status: 'Delivered' | 'Failed'): void {
  const stamp = company.stamp();
  for (const { event, message } of batch) {
    const id = textOf(message, 'id');
    company.table('EventNotifications').put(id, {
      EventID: id,
      SourceDB: company.name,
      BusinessObject: event.object,
      ObjectType: event.objectType,
      Operation: event.transaction,
      TransactionType: event.transaction,
      Status: status,
      ReplayState: 'None',
      FieldsInKey: event.keys.length,
      FieldNames: event.keys.map(([name]) => name).join('\t'),
      FieldValues: event.keys.map(([, value]) => String(value)).join('\t'),
      CreateDate: stamp.date,
      CreateTime: stamp.time,
      UpdateDate: stamp.date,
      UpdateTime: stamp.time,
      UserID: '1',
    });
  }
}
