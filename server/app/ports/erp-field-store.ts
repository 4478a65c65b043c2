import type { ConnectionId } from '../../kernel/ids.ts';
import type { Tx } from './unit-of-work.ts';

/** Which SAP companies are known to have the key field, so that it is looked after until they have. */
export interface ErpFieldStore {
  hasKeyField(tx: Tx, connectionId: ConnectionId): Promise<boolean>;
  setKeyField(tx: Tx, connectionId: ConnectionId, isThere: boolean): Promise<void>;
}
