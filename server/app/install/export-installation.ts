import type { Clock } from '../../kernel/clock.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ExportCursor, ExportStore } from '../ports/export-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

export interface ExportInstallationDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly exports: ExportStore;
  readonly audit: AuditLog;
}

/** A file that is sent while it is made. */
export interface ExportFile {
  /** e.g. `orderline-4711-2026-11-24.json` */
  readonly name: string;
  /** JSON text in pieces. Ends with `"complete": true`: without it, something is missing. */
  readonly pieces: AsyncIterable<string>;
}

/**
 * Everything that is stored of the principal's company, as one JSON document. Read a page at a time, each in a transaction of its
 * own, so that neither memory nor a connection to the database is held for as long as somebody takes to download it: what
 * changes meanwhile may be in it before or after its change.
 */
export function makeExportInstallation(deps: ExportInstallationDeps) {
  return async function exportInstallation(principal: Principal, requestId: string): Promise<ExportFile> {
    const { installationId: id, companyId, userId } = principal;
    const at = deps.clock.now();
    const companyName = await deps.unitOfWork.within(id, async (tx) => {
      await deps.audit.append(tx, {
        verb: 'data_exported',
        source: { system: 'orderline', key: id, version: null },
        target: 'installation',
        before: null,
        after: null,
        runId: null,
        requestId,
        userId,
        at,
      });
      return (await deps.installations.get(tx)).companyName;
    });
    const head = { format: 'orderline-export', version: 1, companyId, companyName, exportedAt: at.toISOString() };
    return {
      name: `orderline-${companyId}-${at.toISOString().slice(0, 10)}.json`,
      pieces: documentOf(head, deps.exports.parts, (part, after) =>
        deps.unitOfWork.within(id, (tx) => deps.exports.readPage(tx, part, after)),
      ),
    };
  };
}

type Page = Awaited<ReturnType<ExportStore['readPage']>>;

async function* documentOf(
  head: Readonly<Record<string, string | number>>,
  parts: readonly string[],
  readPage: (part: string, after: ExportCursor | null) => Promise<Page>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"data":{`;
  for (const [index, part] of parts.entries()) {
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(part)}:[`;
    let after: ExportCursor | null = null;
    let separator = '\n';
    do {
      const page: Page = await readPage(part, after);
      let piece = '';
      for (const row of page.rows) {
        piece += separator + JSON.stringify(row);
        separator = ',\n';
      }
      if (piece !== '') yield piece;
      after = page.next;
    } while (after !== null);
    yield ']';
  }
  yield '\n},"complete":true}\n';
}
