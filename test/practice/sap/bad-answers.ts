import type { Fields, Json } from '../kernel/json.ts';
import { isFields, isList, parseJson } from '../kernel/json.ts';
import type { SapFault } from './faults.ts';
import type { SlResponse } from './messages.ts';

/** The part of a fault that says what goes wrong; add method, path, times and the like to aim it. */
export type BadAnswer = Pick<SapFault, 'kind' | 'rewrite'>;

/** The body of the answer, changed as text. */
export function withText(change: (text: string) => string): BadAnswer {
  return { kind: 'rewrite', rewrite: (answer) => ({ ...answer, body: change(answer.body) }) };
}

/** The body of the answer, changed as a JSON object; other bodies stay as they are. */
export function withBody(change: (body: Fields) => Json): BadAnswer {
  return withText((text) => {
    const body = parseJson(text);
    return isFields(body) ? JSON.stringify(change(body)) : text;
  });
}

/** Each row of a list, or the one entity; `undefined` leaves a row out. */
export function withRows(change: (row: Fields, index: number) => Fields | undefined): BadAnswer {
  return withBody((body) => {
    const rows = body['value'];
    if (!isList(rows)) return change(body, 0) ?? {};
    return { ...body, value: rows.filter(isFields).flatMap((row, index) => change(row, index) ?? []) };
  });
}

/** Some properties of each row over what they truly are: null, text for a number, `24:00:00`, an unknown enum member. */
export function withValues(values: Fields): BadAnswer {
  return withRows((row) => ({ ...row, ...values }));
}

/** Each row without some of its properties. */
export function withoutProperties(...names: string[]): BadAnswer {
  return withRows((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));
}

/** A link to the next page that leads elsewhere, whether there is a next page or not; gets the true one, if any. */
export function nextLinkTo(link: (own: string | undefined) => string): BadAnswer {
  return withBody((body) => {
    const name = '@odata.context' in body ? '@odata.nextLink' : 'odata.nextLink';
    const own = body[name];
    return { ...body, [name]: link(typeof own === 'string' ? own : undefined) };
  });
}

/** The digits of a number put into the text as they are, beyond what a double holds. Every number of that name. */
export function withDigits(name: string, digits: string): BadAnswer {
  return withText((text) => text.replace(new RegExp(`("${name}":)-?[0-9.eE+-]+`, 'g'), `$1${digits}`));
}

/** Amounts with a comma, as text. */
export function withDecimalComma(...names: string[]): BadAnswer {
  return withRows((row) => ({
    ...row,
    ...Object.fromEntries(names.map((name) => [name, String(row[name] ?? '0').replace('.', ',')])),
  }));
}

/** A batch without the answer to its n-th request (from 0), the others as if nothing were wrong. */
export function batchWithoutItem(index: number): BadAnswer {
  return onBatch((parts) => parts.filter((_part, at) => at !== index));
}

/** A batch that ends without its closing boundary. */
export function batchWithoutEnd(): BadAnswer {
  return withText((text) => text.replace(/--batchresponse_[\w-]+--\s*$/, ''));
}

/** A batch whose header does not name the boundary. */
export function batchWithoutBoundary(): BadAnswer {
  return {
    kind: 'rewrite',
    rewrite: (answer) => ({ ...answer, headers: { ...answer.headers, 'Content-Type': 'multipart/mixed' } }),
  };
}

/** The answers inside a batch in another order. */
export function batchReversed(): BadAnswer {
  return onBatch((parts) => [...parts].reverse());
}

function onBatch(change: (parts: readonly string[]) => readonly string[]): BadAnswer {
  return {
    kind: 'rewrite',
    rewrite(answer: SlResponse): SlResponse {
      const mark = `--${/boundary=(\S+)/.exec(answer.headers['Content-Type'] ?? '')?.[1] ?? ''}`;
      const parts = answer.body.split(mark).slice(1, -1);
      return {
        ...answer,
        body: `${change(parts)
          .map((part) => `${mark}${part}`)
          .join('')}${mark}--\r\n`,
      };
    },
  };
}
