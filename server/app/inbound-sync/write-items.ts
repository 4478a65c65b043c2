import { after } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { productWritten } from '../crm-views.ts';
import type { ErpItem } from '../ports/erp.ts';
import type { JobPayloads } from '../ports/job-queue.ts';
import type { EntityLink } from '../ports/link-store.ts';
import { forRun } from './first-load.ts';
import { choosePriceList, productHash, productValues } from './item-stream.ts';
import { lookFirst, sentInTime } from './look-first.ts';
import { parkingDefects } from './park-defect.ts';
import { afterHidden, afterRefusal, isPassing, isSettled, raiseRefused, remedyFor } from './record-refused.ts';
import { lookSeeingAll, mayBeHidden } from './seeing-all.ts';
import { type SyncContext, type SyncDeps, whileConnected } from './sync-deps.ts';
import { type WriteOutcome, writeBatch } from './write-batch.ts';
import { findView, saveWritten } from './written-views.ts';

/** Their clock may be behind ours. */
const LOOK_BACK_MS = 10 * 60_000;

/** Brings products in line with these items as SAP has them now. */
export function makeWriteItems(deps: SyncDeps) {
  return async function writeItems(
    id: InstallationId,
    job: JobPayloads['crm.write-items'],
    signal: AbortSignal,
  ): Promise<void> {
    await whileConnected(deps, id, job.connectionId, signal, (context) =>
      parkingDefects(deps, context, { task: 'crm.write-items', ...job }, 'item', () => writeAll(context, job)),
    );
  };

  async function writeAll(found: SyncContext, job: JobPayloads['crm.write-items']): Promise<void> {
    const context = await forRun(deps, found, 'items', job.runId);
    const items = await deps.erp.getItems(context.erpCaller, job.keys);
    const priceList = await choosePriceList(deps, context);
    const links = await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
      deps.links.findBySapKeys(tx, job.connectionId, 'item', job.keys),
    );
    await writeBatch(deps, context, { task: 'crm.write-items', ...job }, items, {
      keyOf: (item) => item.itemCode,
      one: (item) =>
        writeOne(
          context,
          item,
          links.find((link) => link.sapKey === item.itemCode),
          priceList,
        ),
    });
  }

  async function writeOne(
    context: SyncContext,
    item: ErpItem,
    link: EntityLink | undefined,
    priceList: number | null,
  ): Promise<WriteOutcome> {
    if (!link || link.state === 'ambiguous') return 'waiting';
    const values = productValues(item, priceList);
    const hash = productHash(values);
    if (isSettled(link, hash)) return 'unchanged';
    try {
      const began = await findView(deps, context, link);
      const productId = await upsertProduct(context, item, link, values);
      const written = {
        ...link,
        pipedriveId: productId,
        state: 'linked',
        creatingSince: null,
        contentHash: hash,
      } as const;
      await saveWritten(deps, context, written, { began, shown: productWritten(values) });
      await append(context, item, link, productId);
      return 'written';
    } catch (error) {
      if (!(error instanceof AppError) || isPassing(error)) throw error;
      if (link.pipedriveId !== null && (await mayBeHidden(deps, context, error))) {
        await saveLink(context, afterHidden(link));
        return 'waiting';
      }
      await saveLink(context, afterRefusal(link, error, hash));
      const message = `SAP item ${item.itemCode} (${item.name}) could not be written to Pipedrive: ${error.message}`;
      await raiseRefused(deps, context, `item:${item.itemCode}`, message, remedyFor(error));
      return 'waiting';
    }
  }

  async function upsertProduct(
    context: SyncContext,
    item: ErpItem,
    link: EntityLink,
    values: ReturnType<typeof productValues>,
  ): Promise<number> {
    if (link.pipedriveId !== null) {
      await deps.crm.updateProduct(context.crmCaller, link.pipedriveId, values);
      return link.pipedriveId;
    }
    const since = link.creatingSince;
    const now = deps.clock.now();
    const look = (from: Date) => lookSeeingAll(deps, context, () => findCreated(context, item, from));
    const known = since ? await lookFirst(() => look(since), { since, now }) : undefined;
    if (known !== undefined) {
      await deps.crm.updateProduct(context.crmCaller, known, values);
      return known;
    }
    const creatingSince = deps.clock.now();
    await saveLink(context, { ...link, state: 'creating', creatingSince });
    return deps.crm.createProduct(sentInTime(context.crmCaller, creatingSince), values);
  }

  /** A product may have been made although the answer never came. */
  async function findCreated(context: SyncContext, item: ErpItem, since: Date): Promise<number | undefined> {
    for await (const page of deps.crm.listProducts(context.crmCaller, { updatedSince: after(since, -LOOK_BACK_MS) })) {
      const found = page.find((product) => product.code === item.itemCode);
      if (found) return found.id;
    }
    return undefined;
  }

  async function append(context: SyncContext, item: ErpItem, link: EntityLink, productId: number): Promise<void> {
    const verb =
      link.pipedriveId === null ? 'record_created' : link.contentHash === null ? 'record_linked' : 'record_updated';
    await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
      await deps.findings.resolve(tx, 'record_refused', `item:${item.itemCode}`, deps.clock.now());
      await deps.audit.append(tx, {
        verb,
        source: {
          system: 'sap',
          key: `${context.workplace.connection.companyDb}:Items:${item.itemCode}`,
          version: item.updated ? `${item.updated.date}T${item.updated.time}` : null,
        },
        target: `product:${productId}`,
        before: null,
        after: { unit: item.unit, active: item.active },
        runId: null,
        requestId: null,
        userId: null,
        at: deps.clock.now(),
      });
    });
  }

  async function saveLink({ crmCaller, workplace }: SyncContext, link: EntityLink): Promise<void> {
    await deps.unitOfWork.within(crmCaller.installationId, (tx) => deps.links.save(tx, workplace.connection.id, link));
  }
}
