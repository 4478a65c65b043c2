import type { Json } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { AuditLog, AuditVerb } from '../ports/audit-log.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

interface Deps {
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** Who changed what about a connection, for the audit trail. No secrets. */
export async function recordChange(
  { audit, clock }: Deps,
  tx: Tx,
  change: {
    readonly verb: AuditVerb;
    readonly connection: ConnectionId;
    readonly principal: Principal;
    readonly requestId: string;
    readonly before?: Json;
    readonly after: Json;
  },
): Promise<void> {
  const target = `connection:${change.connection}`;
  await audit.append(tx, {
    verb: change.verb,
    source: { system: 'orderline', key: target, version: null },
    target,
    before: change.before ?? null,
    after: change.after,
    runId: null,
    requestId: change.requestId,
    userId: change.principal.userId,
    at: clock.now(),
  });
}
