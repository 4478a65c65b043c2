import type { Clock } from '../kernel/clock.ts';
import type { AppError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { WantedField } from './crm-field-list.ts';
import { MATCHING_FIELDS } from './matching-fields.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { HandoffStore } from './ports/handoff-store.ts';
import type { LinkStore } from './ports/link-store.ts';
import type { Tx } from './ports/unit-of-work.ts';

export interface FieldFindingsDeps {
  readonly clock: Clock;
  readonly links: Pick<LinkStore, 'count'>;
  readonly handoffs: Pick<HandoffStore, 'countDealsInSap'>;
  readonly findings: FindingStore;
}

const REMEDY =
  'Free a custom field or let an admin install the app; then agree again in the app settings, or wait for the next hour.';
const LINK = { resource: 'settings', id: null } as const;
/** Subject of the one finding for all fields that there is no room, or no right, to make. */
const ALL = 'custom-fields';

/** What the app says about its fields that are not as they should be. */
export function fieldFindings(deps: FieldFindingsDeps) {
  return {
    /** What holds for every field is told once, with all that are missing. Without any it is told no longer. */
    async noRoom(tx: Tx, connectionId: ConnectionId, missing: readonly WantedField[], error: AppError | undefined) {
      if (missing.length === 0 || !error) return deps.findings.resolve(tx, 'field_missing', ALL, deps.clock.now());
      for (const { purpose } of missing) await deps.findings.resolve(tx, 'field_missing', purpose, deps.clock.now());
      const names = missing.map(({ name }) => `“${name}”`).join(', ');
      const fields = missing.length === 1 ? `The field ${names}` : `${missing.length} fields (${names})`;
      await raise(tx, connectionId, missing, { subject: ALL, fields, error });
    },

    /** One that Pipedrive refuses for a reason of its own. */
    async refused(tx: Tx, connectionId: ConnectionId, field: WantedField, error: AppError) {
      await raise(tx, connectionId, [field], { subject: field.purpose, fields: `The field “${field.name}”`, error });
    },

    async refusedOptions(tx: Tx, { purpose }: WantedField, name: string, error: AppError) {
      const message = `The choices of the field “${name}” in Pipedrive could not be brought in line with SAP: ${error.message}`;
      const action = `Look at the choices of “${name}” in Pipedrive, or let an admin install the app. It is tried again every day.`;
      const finding = { kind: 'field_missing', subject: purpose, message, action, link: LINK } as const;
      await deps.findings.raise(tx, finding, deps.clock.now());
    },
  };

  async function raise(
    tx: Tx,
    connectionId: ConnectionId,
    missing: readonly WantedField[],
    { subject, fields, error }: { readonly subject: string; readonly fields: string; readonly error: AppError },
  ): Promise<void> {
    const waiting = waitWords(await countWaiting(tx, connectionId, missing), missing.length);
    const message = `${fields} could not be made in Pipedrive: ${error.message}${waiting}`;
    const stopsSync = missing.some(({ purpose }) => MATCHING_FIELDS.includes(purpose));
    const action = stopsSync ? `${REMEDY} Until then no customers and items are brought to Pipedrive.` : REMEDY;
    const finding = { kind: 'field_missing', subject, message, action, link: LINK } as const;
    await deps.findings.raise(tx, finding, deps.clock.now());
  }

  /** Records that would get a value: customers that are, or are to be, organizations; deals that are in SAP. */
  async function countWaiting(tx: Tx, connectionId: ConnectionId, missing: readonly WantedField[]): Promise<number> {
    const entities = new Set(missing.map(({ entity }) => entity));
    const { linked, to_create } = await deps.links.count(tx, connectionId, 'partner');
    const organizations = entities.has('organization') ? linked + to_create : 0;
    const deals = entities.has('deal') ? await deps.handoffs.countDealsInSap(tx, connectionId) : 0;
    return organizations + deals;
  }
}

function waitWords(waiting: number, fields: number): string {
  if (waiting === 0) return '';
  return ` ${waiting === 1 ? 'One record waits' : `${waiting} records wait`} for ${fields === 1 ? 'it' : 'them'}.`;
}
