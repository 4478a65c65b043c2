import { badQuery } from '../errors.ts';

/** The query options of one request, decoded once. */
export interface QueryOptions {
  readonly select: readonly string[] | undefined;
  readonly filter: string | undefined;
  readonly orderby: string | undefined;
  readonly top: number | undefined;
  readonly skip: number;
  readonly count: boolean;
  /** Everything as it was sent, for the link to the next page. */
  readonly raw: readonly (readonly [name: string, value: string])[];
}

const KNOWN = ['$select', '$filter', '$orderby', '$top', '$skip', '$count', '$inlinecount', '$format'];

/**
 * Plus signs stay plus signs: the platform wants percent-encoding.
 * @throws SapError 201 for options that are not served or not numbers.
 */
export function readQuery(query: string, version: 'v1' | 'v2'): QueryOptions {
  const raw = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): readonly [string, string] => {
      const cut = pair.indexOf('=');
      return cut < 0 ? [decode(pair), ''] : [decode(pair.slice(0, cut)), decode(pair.slice(cut + 1))];
    });
  const values = new Map(raw);
  for (const name of values.keys()) {
    if (name.startsWith('$') && !KNOWN.includes(name)) throw badQuery(`Query option '${name}' is not supported`);
  }
  const inline = version === 'v1' ? values.get('$inlinecount') === 'allpages' : values.get('$count') === 'true';
  return {
    select: readSelect(values.get('$select')),
    filter: values.get('$filter'),
    orderby: values.get('$orderby'),
    top: readCount('$top', values.get('$top')),
    skip: readCount('$skip', values.get('$skip')) ?? 0,
    count: inline,
    raw,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badQuery('Invalid percent-encoding');
  }
}

function readSelect(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  return names.includes('*') ? undefined : names;
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw badQuery(`Invalid value '${text}' for query option '${name}'`);
  return Number(text);
}
