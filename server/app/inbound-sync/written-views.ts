import { type Marks, viewAfterWrite } from '../crm-views.ts';
import type { CrmView } from '../ports/crm-changes.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { toWriteAgain } from './record-refused.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

type ViewDeps = Pick<SyncDeps, 'unitOfWork' | 'links' | 'views'>;

/** What the record was seen to show when its writing began. */
export async function findView(
  deps: ViewDeps,
  context: SyncContext,
  { kind, pipedriveId }: EntityLink,
): Promise<CrmView | undefined> {
  if (pipedriveId === null) return undefined;
  return deps.unitOfWork.within(context.crmCaller.installationId, (tx) => find(deps, tx, context, kind, pipedriveId));
}

/**
 * Remembers a record as written and what it shows since. Where a person's edit was seen while it was being written, it
 * is unknown which came first, so it stays to be written again.
 * @param seen what `findView` gave before, and what the record shows since; null: it was left as it stood
 */
export async function saveWritten(
  deps: ViewDeps,
  context: SyncContext,
  link: EntityLink & { readonly pipedriveId: number },
  { began, shown }: { readonly began: CrmView | undefined; readonly shown: Marks | null },
): Promise<void> {
  const { connection } = context.workplace;
  await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
    const view = await find(deps, tx, context, link.kind, link.pipedriveId);
    const isEdited = view?.answered && (view.answered !== began?.answered || view.repeats !== began.repeats);
    await deps.links.save(tx, connection.id, isEdited ? toWriteAgain(link) : link);
    if (shown) await deps.views.save(tx, connection.id, link.kind, viewAfterWrite(view, link.pipedriveId, shown));
  });
}

async function find(
  { views }: ViewDeps,
  tx: Tx,
  { workplace }: SyncContext,
  kind: EntityLink['kind'],
  pipedriveId: number,
): Promise<CrmView | undefined> {
  const [view] = await views.find(tx, workplace.connection.id, kind, [pipedriveId]);
  return view;
}
