import type { InstallationId } from '../../kernel/ids.ts';
import { compareWithView, type Marks, organizationMarks, productMarks } from '../crm-views.ts';
import type { CrmOrganization, CrmPerson, CrmProduct } from '../ports/crm.ts';
import type { EntityLink, LinkKind } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { findWorkplace } from '../tenant.ts';
import { adoptOrganizations } from './adopt-organizations.ts';
import { writeInRun } from './read-stream.ts';
import { isToWriteAgain, toWriteAgain } from './record-refused.ts';
import { type GoneRecord, loseRecords } from './records-gone.ts';
import { findSyncContext, type SyncContext, type SyncDeps } from './sync-deps.ts';

const KINDS = { organization: 'partner', person: 'contact', product: 'item' } as const;
const STREAMS = {
  partner: { stream: 'partners', task: 'crm.write-partners' },
  item: { stream: 'items', task: 'crm.write-items' },
} as const;

/**
 * What follows from linked records as they were seen in Pipedrive just now. SAP is the master of what it wrote there: a
 * person's edit of such a value is written over once; what is a person's own stays. A record that shows what we wrote is
 * the echo of our own writing, and nothing follows.
 */
export function makeRecordsSeen(deps: SyncDeps) {
  return {
    async organizations(id: InstallationId, records: readonly CrmOrganization[], signal: AbortSignal): Promise<number> {
      const context = await contextOf(id, signal);
      if (!context) return 0;
      const { changed, unlinked } = await see(context, 'partner', records, organizationMarks);
      return changed + (await adoptOrganizations(deps, context, unlinked));
    },

    /** Names, numbers and the organization of a person are people's own once they changed them; only a return counts. */
    async persons(id: InstallationId, records: readonly CrmPerson[], signal: AbortSignal): Promise<number> {
      const context = await contextOf(id, signal);
      return context ? welcomeBack(context, records) : 0;
    },

    async products(id: InstallationId, records: readonly CrmProduct[], signal: AbortSignal): Promise<number> {
      const context = await contextOf(id, signal);
      return context ? (await see(context, 'item', records, productMarks)).changed : 0;
    },

    async gone(
      id: InstallationId,
      entity: keyof typeof KINDS,
      records: readonly GoneRecord[],
      signal: AbortSignal,
    ): Promise<number> {
      const context = await contextOf(id, signal);
      return context ? loseRecords(deps, context, KINDS[entity], records) : 0;
    },
  };

  async function contextOf(id: InstallationId, signal: AbortSignal): Promise<SyncContext | undefined> {
    const workplace = await findWorkplace(deps, id);
    return workplace && findSyncContext(deps, id, workplace.connection.id, signal);
  }

  async function see<Row extends { readonly id: number }>(
    context: SyncContext,
    kind: keyof typeof STREAMS,
    records: readonly Row[],
    marks: (record: Row) => Marks,
  ): Promise<{ changed: number; unlinked: readonly Row[] }> {
    const { connection } = context.workplace;
    return deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
      const links = await linksOf(tx, context, kind, records);
      const ids = [...links.keys()];
      const views = new Map(
        (await deps.views.find(tx, connection.id, kind, ids)).map((view) => [view.pipedriveId, view]),
      );
      const keys: string[] = [];
      for (const record of records) {
        const link = links.get(record.id);
        if (!link || link.contentHash === null) continue;
        if (link.state === 'gone') {
          await deps.links.save(tx, connection.id, { ...toWriteAgain(link), state: 'linked' });
          keys.push(link.sapKey);
        } else if (link.state === 'linked') {
          const options = { isWritten: !isToWriteAgain(link), now: deps.clock.now() };
          const before = views.get(record.id);
          const sighting = compareWithView(before, record.id, marks(record), options);
          if (JSON.stringify(sighting.view) !== JSON.stringify(before))
            await deps.views.save(tx, connection.id, kind, sighting.view);
          if (sighting.is !== 'edited') continue;
          await deps.links.save(tx, connection.id, toWriteAgain(link));
          keys.push(link.sapKey);
        }
      }
      if (keys.length > 0) await writeInRun(deps, tx, context, { ...STREAMS[kind], keys });
      return { changed: keys.length, unlinked: records.filter(({ id }) => !links.has(id)) };
    });
  }

  /** A person that was restored is written again with its customer. */
  async function welcomeBack(context: SyncContext, records: readonly CrmPerson[]): Promise<number> {
    const { connection } = context.workplace;
    return deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
      const links = await linksOf(tx, context, 'contact', records);
      let back = 0;
      for (const link of links.values()) {
        if (link.state !== 'gone') continue;
        await deps.links.save(tx, connection.id, { ...toWriteAgain(link), state: 'linked' });
        await deps.findings.resolve(tx, 'record_refused', `contact:${link.sapKey}`, deps.clock.now());
        back += 1;
      }
      return back;
    });
  }

  async function linksOf(
    tx: Tx,
    { workplace }: SyncContext,
    kind: LinkKind,
    records: readonly { readonly id: number }[],
  ): Promise<ReadonlyMap<number, EntityLink>> {
    const ids = records.map(({ id }) => id);
    const links = await deps.links.findByPipedriveIds(tx, workplace.connection.id, kind, ids);
    return new Map(links.flatMap((link) => (link.pipedriveId === null ? [] : [[link.pipedriveId, link] as const])));
  }
}
