import type { EntityLink, LinkKind } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { writeInRun } from './read-stream.ts';
import { goneFrom, toWriteAgain } from './record-refused.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

export interface GoneRecord {
  readonly id: number;
  readonly mergedInto: number | null;
}

const WORDS = {
  partner: { crm: 'organization', sap: 'SAP customer', finding: 'partner' },
  contact: { crm: 'person', sap: 'SAP contact', finding: 'contact' },
  item: { crm: 'product', sap: 'SAP item', finding: 'item' },
} as const;

/** An organization that carried another one's code carries it no longer, or is gone, or has become that one. */
export async function resolveDoubled({ findings, clock }: SyncDeps, tx: Tx, organizationId: number): Promise<void> {
  await findings.resolve(tx, 'partner_ambiguous', `organization:${organizationId}`, clock.now());
}

/**
 * Records that are no longer in Pipedrive. One that was merged into another lives on there, unless that one belongs to
 * another SAP record; one that was deleted is not made anew.
 * @returns for how many that was news
 */
export async function loseRecords(
  deps: SyncDeps,
  context: SyncContext,
  kind: LinkKind,
  records: readonly GoneRecord[],
): Promise<number> {
  const { connection } = context.workplace;
  return deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
    const moved: string[] = [];
    let news = 0;
    for (const { id, mergedInto } of records) {
      if (kind === 'partner') await resolveDoubled(deps, tx, id);
      const link = await deps.links.findByPipedriveId(tx, connection.id, kind, id);
      if (!link || (link.state !== 'linked' && link.state !== 'gone')) continue;
      const other =
        mergedInto === null ? undefined : await deps.links.findByPipedriveId(tx, connection.id, kind, mergedInto);
      if (mergedInto !== null && !other) {
        await move(tx, link, mergedInto);
        if (kind !== 'contact') moved.push(link.sapKey);
      } else if (link.state === 'gone') continue;
      else await lose(tx, link, other);
      news += 1;
    }
    if (kind === 'partner' && moved.length > 0)
      await writeInRun(deps, tx, context, { stream: 'partners', task: 'crm.write-partners', keys: moved });
    if (kind === 'item' && moved.length > 0)
      await writeInRun(deps, tx, context, { stream: 'items', task: 'crm.write-items', keys: moved });
    return news;
  });

  /** The winner shows what a person chose from both; it is written as SAP has it. */
  async function move(tx: Tx, link: EntityLink, winner: number): Promise<void> {
    const moved = { ...toWriteAgain(link), pipedriveId: winner, state: 'linked' } as const;
    await deps.links.save(tx, connection.id, moved);
    if (kind === 'partner') await resolveDoubled(deps, tx, winner);
    for (const told of ['record_refused', 'partner_ambiguous'] as const)
      await deps.findings.resolve(tx, told, `${WORDS[kind].finding}:${link.sapKey}`, deps.clock.now());
    await deps.audit.append(tx, {
      verb: 'record_linked',
      source: { system: 'pipedrive', key: `${WORDS[kind].crm}:${link.pipedriveId}`, version: null },
      target: `${WORDS[kind].crm}:${winner}`,
      before: null,
      after: { sapKey: link.sapKey, merged: true },
      runId: null,
      requestId: null,
      userId: null,
      at: deps.clock.now(),
    });
  }

  async function lose(tx: Tx, link: EntityLink, winner: EntityLink | undefined): Promise<void> {
    const { crm, sap, finding } = WORDS[kind];
    await deps.links.save(tx, connection.id, goneFrom(link));
    const lost = `The ${crm} of ${sap} ${link.sapKey}`;
    const subject = `${finding}:${link.sapKey}`;
    const told = winner
      ? {
          kind: 'partner_ambiguous' as const,
          message: `${lost} was merged in Pipedrive into the one of ${sap} ${winner.sapKey}. In SAP they are still two.`,
          action:
            kind === 'contact'
              ? 'If it is one person, keep one of the two in SAP, and press Done. The person shows what the other one has there.'
              : `Make a ${crm} of its own for ${link.sapKey} and give it that code, or merge the two in SAP too. Nothing was changed.`,
        }
      : {
          kind: 'record_refused' as const,
          message: `${lost} was deleted in Pipedrive.`,
          action: 'Restore it in Pipedrive, and it is found again within the hour. Or leave it: it is not made again.',
        };
    const link_ = winner && kind === 'partner' ? { resource: 'organization' as const, id: winner.pipedriveId } : null;
    await deps.findings.raise(tx, { ...told, subject, link: link_ }, deps.clock.now());
  }
}
