import { AppError, RateLimitedError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import type { Check, Found } from './check.ts';
import { notAsked } from './check.ts';
import type { Scene } from './scene.ts';

export interface Result extends Found {
  readonly name: string;
  readonly claim: string;
}

/**
 * Runs the checks one after the other; a failure of one is its own. Those that write run only where that was asked for.
 * Stopped by hand, the check under way still ends, since it removes what it wrote.
 * @param told called with every result as it is known
 */
export async function runSuite(
  checks: readonly Check[],
  scene: Scene,
  options: { readonly write: boolean; readonly told?: (result: Result) => void; readonly stop?: AbortSignal },
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const found = reasonNotTo(check, options) ?? (await asked(check, scene));
    const result = { name: check.name, claim: check.claim, ...found };
    results.push(result);
    options.told?.(result);
  }
  return results;
}

function reasonNotTo(
  check: Check,
  { write, stop }: { readonly write: boolean; readonly stop?: AbortSignal },
): Found | undefined {
  if (stop?.aborted) return notAsked('Stopped by hand.');
  return check.writes && !write ? notAsked('It writes; run again with --write.') : undefined;
}

async function asked(check: Check, scene: Scene): Promise<Found> {
  try {
    return await check.run(scene);
  } catch (error) {
    return readFailure(error);
  }
}

/** What a right, a licence or the line stood in the way of was not found out; anything else is not as we say it is. */
function readFailure(error: unknown): Found {
  if (error instanceof UnavailableError || error instanceof RateLimitedError) return notAsked(error.message);
  if (error instanceof RejectedError) {
    const said = `SAP said ${error.code}: ${error.words}`;
    return error.who === 'sap_admin' ? notAsked(said) : { outcome: 'differs', words: said };
  }
  if (error instanceof AppError) return { outcome: 'differs', words: `${error.kind}: ${error.message}` };
  const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { outcome: 'differs', words: `Our own client failed. ${name}` };
}
