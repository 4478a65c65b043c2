import { OPERATION_LIST, type OperationKey, type OperationName } from './operation-list.ts';
import { DESCRIBED } from './operations.generated.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** What a value in a query or body may be, as generated from Pipedrive's description; `object` is open. */
export type Kind = 'text' | 'number' | 'flag' | 'object' | readonly [Kind] | { readonly [name: string]: Kind };

export interface Operation<Key extends OperationKey = OperationKey> {
  readonly name: OperationName;
  readonly key: Key;
  readonly method: Method;
  /** Path template below the company's host, e.g. `/api/v2/deals/{id}`. */
  readonly path: string;
  /** Tokens of the company's day that one call costs. */
  readonly cost: number;
}

interface Description {
  readonly cost: number;
  /** All that may be asked for. */
  readonly query: Readonly<Record<string, Kind>>;
  /** Absent where the call takes no body. */
  readonly body?: Kind;
}

/** An operation without a description does not compile. */
const described: Readonly<Record<OperationKey, Description>> = DESCRIBED;

export function operation<Name extends OperationName>(name: Name): Operation<(typeof OPERATION_LIST)[Name]> {
  const key = OPERATION_LIST[name];
  return { name, key, method: methodOf(key), path: key.slice(key.indexOf(' ') + 1), cost: described[key].cost };
}

export function descriptionOf({ key }: Operation): Description {
  return described[key];
}

function methodOf(key: OperationKey): Method {
  if (key.startsWith('GET ')) return 'GET';
  if (key.startsWith('POST ')) return 'POST';
  if (key.startsWith('PUT ')) return 'PUT';
  return key.startsWith('PATCH ') ? 'PATCH' : 'DELETE';
}

type ValueOf<K> = K extends 'text'
  ? string
  : K extends 'number'
    ? number
    : K extends 'flag'
      ? boolean
      : K extends 'object'
        ? object
        : K extends readonly [infer Member]
          ? readonly ValueOf<Member>[]
          : { readonly [Name in keyof K]?: ValueOf<K[Name]> | undefined };

type Descriptions = typeof DESCRIBED;

/** What a query may hold, whatever the call. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Only what the description names; absent and undefined are the same. */
export type QueryOf<Key extends OperationKey> = Extract<ValueOf<Descriptions[Key]['query']>, Query>;
export type BodyOf<Key extends OperationKey> = Descriptions[Key] extends { readonly body: infer Body }
  ? Extract<ValueOf<Body>, object>
  : never;
