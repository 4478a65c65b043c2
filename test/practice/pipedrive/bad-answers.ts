import type { PlainAnswer } from './http/plain.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

// Ready-made answers that are wrong, for a fault of the kind 'rewrite' (requirements, section 5.7).

type Rewrite = (answer: PlainAnswer) => PlainAnswer;

/** Any change of the body's JSON. */
export function editBody(edit: (body: JsonObject) => Json): Rewrite {
  return (answer) => {
    const body: Json = JSON.parse(answer.body);
    return isJsonObject(body) ? { ...answer, body: JSON.stringify(edit(body)) } : answer;
  };
}

/** Any change of the rows of a list. */
export function editRows(edit: (rows: Json[]) => Json[]): Rewrite {
  return editBody((body) => ({ ...body, data: edit(Array.isArray(body['data']) ? body['data'] : []) }));
}

/** 200 with a page. */
export const pageInstead: Rewrite = () => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><title>Pipedrive</title><h1>Log in</h1>',
});

/** 200 that says it failed. */
export const failureWithStatus200: Rewrite = editBody(() => ({ success: false, error: 'Something went wrong' }));

/** The list's `data` is something else: null, an object, nothing at all. */
export function dataInstead(data: Json | undefined): Rewrite {
  return editBody(({ data: _data, ...rest }) => (data === undefined ? rest : { ...rest, data }));
}

/** The first page again and again, always with the same cursor. */
export function sameCursor(): Rewrite {
  let first: PlainAnswer | undefined;
  const point = editBody((body) => ({ ...body, additional_data: { next_cursor: 'b3BhcXVl' } }));
  return (answer) => {
    first ??= point(answer);
    return first;
  };
}

/** No rows, but more to come. */
export const emptyPageWithMore: Rewrite = editBody((body) => ({
  ...body,
  data: [],
  additional_data: { next_cursor: 'b3BhcXVl' },
}));

/** Every row with members that nobody has heard of. */
export const unknownMembers: Rewrite = editRows((rows) =>
  rows.map((row) => (isJsonObject(row) ? { ...row, brand_new: { nested: [1] }, is_brand_new: true } : row)),
);

export const firstRowTwice: Rewrite = editRows((rows) => [...rows.slice(0, 1), ...rows]);

export const lastRowMissing: Rewrite = editRows((rows) => rows.slice(0, -1));

/** Headers of the limits with other values; null takes one away. */
export function otherHeaders(values: Readonly<Record<string, string | null>>): Rewrite {
  return (answer) => {
    const headers: Record<string, string> = { ...answer.headers };
    for (const [name, value] of Object.entries(values)) {
      if (value === null) delete headers[name];
      else headers[name] = value;
    }
    return { ...answer, headers };
  };
}
