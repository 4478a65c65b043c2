import { AppError, RejectedError } from '../../server/kernel/errors.ts';
import type { ContractCheck, Found } from './check.ts';
import { differs, notAsked } from './check.ts';

export interface Result extends Found {
  readonly name: string;
  readonly claim: string;
}

export interface SuiteOptions {
  readonly write: boolean;
  /** Called with every result as it is known. */
  readonly told?: ((result: Result) => void) | undefined;
  readonly stop?: AbortSignal | undefined;
  /** Whether such a failure only stood in the way (a right, a licence, the line), so that nothing was found out. */
  readonly isInTheWay: (error: AppError) => boolean;
}

/**
 * Runs the checks one after the other; a failure of one is its own. Those that write run only where that was asked for.
 * Stopped by hand, the check under way still ends, since it removes what it wrote.
 */
export async function runSuite<Scene>(
  checks: readonly ContractCheck<Scene, string>[],
  scene: Scene,
  options: SuiteOptions,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const found = reasonNotTo(check, options) ?? (await asked(() => check.run(scene), options));
    const result = { name: check.name, claim: check.claim, ...found };
    results.push(result);
    options.told?.(result);
  }
  return results;
}

function reasonNotTo({ writes }: { readonly writes?: true }, { write, stop }: SuiteOptions): Found | undefined {
  if (stop?.aborted) return notAsked('Stopped by hand.');
  return writes && !write ? notAsked('It writes; run again with --write.') : undefined;
}

async function asked(run: () => Promise<Found>, { isInTheWay }: SuiteOptions): Promise<Found> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError && isInTheWay(error)) return notAsked(saidBy(error) ?? error.message);
    return differs(wordsOf(error));
  }
}

const SYSTEMS = { sap: 'SAP', pipedrive: 'Pipedrive' } as const;

function saidBy(error: AppError): string | undefined {
  return error instanceof RejectedError ? `${SYSTEMS[error.system]} said ${error.code}: ${error.words}` : undefined;
}

function wordsOf(error: unknown): string {
  if (error instanceof AppError) return saidBy(error) ?? `${error.kind}: ${error.message}`;
  return `Our own client failed. ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
