import type { ApplyChanges, GoneRecord } from '../../../../server/app/crm-changes/apply-changes.ts';
import type { CrmEntity } from '../../../../server/app/ports/crm-changes.ts';
import type { CrmReading, CrmReadingStore } from '../../../../server/app/ports/crm-readings.ts';
import type { Finding, FindingStore } from '../../../../server/app/ports/finding-store.ts';
import type { Connection, Installation } from '../../../../server/app/ports/installation-store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../../server/app/ports/settings-store.ts';
import type { Tx, UnitOfWork } from '../../../../server/app/ports/unit-of-work.ts';
import type { TenantReads } from '../../../../server/app/tenant.ts';
import { connectionId, installationId } from '../../../../server/kernel/ids.ts';

export const ID = installationId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01');
const CONNECTION = connectionId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a02');

/** Transactions that keep nothing back: what a store did before an error was thrown stays done. */
export const unitOfWork: UnitOfWork = {
  // The brand is db's own; nothing here looks into it.
  within: (id, work) => work({ installationId: id } as Tx),
};

/** One company that is connected, as far as finding its workplace takes. */
export function fakeTenant(
  change: { handoff?: Settings['handoff']; status?: Installation['status']; connection?: Connection['status'] } = {},
): TenantReads {
  const installation = {
    id: ID,
    companyId: '4711',
    companyName: 'Nordlicht',
    apiDomain: 'https://nordlicht.pipedrive.com',
    status: change.status ?? 'active',
    installedAt: new Date('2026-01-05T08:00:00Z'),
    signature: 'if-present',
  } satisfies Installation;
  const settings = {
    ...DEFAULT_SETTINGS,
    crmFieldsAgreed: true,
    ...(change.handoff ? { handoff: change.handoff } : {}),
  };
  return {
    unitOfWork,
    installations: { get: async () => installation },
    connections: { list: async () => [{ id: CONNECTION, status: change.connection ?? 'active' } as Connection] },
    settings: { get: async () => ({ version: 1, settings }) },
  };
}

/** Readings in memory. */
export function memoryReadings(): CrmReadingStore {
  const rows = new Map<string, CrmReading & { suspectedAt: Date | null }>();
  return {
    list: async () => [...rows.values()],
    async save(_tx, list, mark) {
      const known = rows.get(list);
      rows.set(list, {
        list,
        mark,
        readFrom: known?.readFrom ?? null,
        suspected: known?.suspected ?? false,
        suspectedAt: known?.suspectedAt ?? null,
        readAgainAt: known?.readAgainAt ?? null,
      });
    },
    async finish(_tx, list, startedAt) {
      const known = rows.get(list);
      if (!known) return;
      const suspected = known.suspectedAt !== null && known.suspectedAt > startedAt;
      rows.set(list, { ...known, readFrom: startedAt, suspected });
    },
    heardSince: async () => true,
    async suspect(_tx, until) {
      for (const [list, row] of rows)
        rows.set(list, { ...row, suspected: true, suspectedAt: latest(row.suspectedAt, until) });
    },
    async suspectUntil(_tx, now, until) {
      const isNews = ![...rows.values()].some(({ readAgainAt }) => readAgainAt !== null && readAgainAt > now);
      for (const [list, row] of rows) {
        const suspectedAt = latest(row.suspectedAt, now);
        rows.set(list, { ...row, suspected: true, suspectedAt, readAgainAt: latest(row.readAgainAt, until) });
      }
      return isNews;
    },
  };
}

function latest(known: Date | null, at: Date): Date {
  return known && known > at ? known : at;
}

/** Findings in memory. */
export function memoryFindings(): FindingStore & {
  readonly open: Map<string, string>;
  readonly raised: Parameters<FindingStore['raise']>[1][];
} {
  const open = new Map<string, string>();
  const seenAt = new Map<string, Date>();
  const raised: Parameters<FindingStore['raise']>[1][] = [];
  return {
    open,
    raised,
    async raise(_tx, finding, now) {
      const { kind, subject, message } = finding;
      raised.push(finding);
      open.set(`${kind} ${subject}`, message);
      seenAt.set(`${kind} ${subject}`, now);
    },
    resolve: async (_tx, kind, subject) => void open.delete(`${kind} ${subject}`),
    resolveQuiet: async () => undefined,
    dismiss: async () => undefined,
    listOpen: async () =>
      [...open.keys()].map((key) => {
        const [kind, subject] = key.split(' ');
        return { kind, subject, lastSeenAt: seenAt.get(key) } as Finding;
      }),
    countOpen: async () => open.size,
  };
}

export interface AppliedRead {
  readonly entity: CrmEntity;
  readonly id: number;
  readonly updateTime: string;
}

/** Remembers what it was given. */
export function recordingChanges(onRead?: (read: AppliedRead) => void): ApplyChanges & {
  readonly reads: AppliedRead[];
  readonly gone: (GoneRecord & { entity: CrmEntity })[];
} {
  const reads: AppliedRead[] = [];
  const gone: (GoneRecord & { entity: CrmEntity })[] = [];
  return {
    reads,
    gone,
    async applyRead(_id, read) {
      if (read.entity === 'user') return 0;
      for (const { id, updateTime } of read.records) {
        const one = { entity: read.entity, id, updateTime };
        onRead?.(one);
        reads.push(one);
      }
      return read.records.length;
    },
    async applyGone(_id, entity, records) {
      gone.push(...records.map((record) => ({ ...record, entity })));
      return records.length;
    },
  };
}
