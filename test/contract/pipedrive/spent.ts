import { OPERATION_LIST, type OperationName } from '../../../server/pipedrive/operation-list.ts';
import { type Method, operation } from '../../../server/pipedrive/operations.ts';

/** What the run has asked of the account so far. Each request counts, repeats too, at its price. */
export interface Spent {
  readonly requests: number;
  /** At most: what the app does not call is taken at the highest price of its kind. */
  readonly tokens: number;
  request(method: Method, target: string): void;
  book(tokens: number): void;
}

/** What the app does not call itself: the highest of each kind, a merge among them (reference pipedrive-api.md, 2.2). */
const DEAREST: Readonly<Record<Method, number>> = { GET: 40, PUT: 40, POST: 10, PATCH: 10, DELETE: 6 };
const NAMES = Object.keys(OPERATION_LIST).filter((name): name is OperationName => name in OPERATION_LIST);
const SHAPES = NAMES.map(operation).map(({ method, path, cost }) => ({
  method,
  cost,
  shape: new RegExp(`^${path.replace(/\{\w+\}/g, '\\w+')}$`),
}));

export function createSpent(): Spent {
  let [requests, tokens] = [0, 0];
  const book = (price: number) => {
    requests += 1;
    tokens += price;
  };
  return {
    get requests() {
      return requests;
    },
    get tokens() {
      return tokens;
    },
    book,
    request(method, target) {
      const path = target.replace(/\?.*$/s, '');
      book(SHAPES.find((known) => known.method === method && known.shape.test(path))?.cost ?? DEAREST[method]);
    },
  };
}
