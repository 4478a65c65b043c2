import { OPERATION_LIST, type OperationKey, type OperationName } from './operation-list.ts';
import { TOKEN_COSTS } from './token-costs.generated.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Operation {
  readonly name: OperationName;
  readonly method: Method;
  /** Path template below the company's host, e.g. `/api/v2/deals/{id}`. */
  readonly path: string;
  /** Tokens of the company's day that one call costs. */
  readonly cost: number;
}

const costs: Readonly<Record<OperationKey, number>> = TOKEN_COSTS;

export function operation(name: OperationName): Operation {
  const key = OPERATION_LIST[name];
  return { name, method: methodOf(key), path: key.slice(key.indexOf(' ') + 1), cost: costs[key] };
}

/** The path with its ids in place. @throws {TypeError} for what is no id: such a value never enters a URL. */
export function pathOf(operation: Operation, id: number | undefined): string {
  if (!operation.path.includes('{id}')) return operation.path;
  if (id === undefined || !Number.isSafeInteger(id) || id <= 0) throw new TypeError('not an id of Pipedrive');
  return operation.path.replace('{id}', String(id));
}

function methodOf(key: OperationKey): Method {
  if (key.startsWith('GET ')) return 'GET';
  if (key.startsWith('POST ')) return 'POST';
  return key.startsWith('PATCH ') ? 'PATCH' : 'DELETE';
}
