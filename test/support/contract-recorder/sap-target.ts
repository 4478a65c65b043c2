export interface SapTarget {
  readonly version: 'v1' | 'v2';
  /** Entity set, operation, or `$batch`, `$metadata`. */
  readonly resource: string;
  /** What stands between the brackets: a key, or a function's parameters. */
  readonly key: string | undefined;
  /** What follows behind the set or the key: `$count`, an action. */
  readonly tail: string | undefined;
  readonly options: readonly { readonly name: string; readonly value: string }[];
}

/** No client sends these unescaped: a path that holds one was decoded when it was written down. */
const NOT_OF_A_URL = /[^\x21-\x7e]|["<>\\^`{|}]/;

/** Takes a request's path apart, decoded or not; undefined for what is not below a service root, such as `/ping`. */
export function sapTarget(path: string): SapTarget | undefined {
  const plain = NOT_OF_A_URL.test(path) ? path : decoded(path);
  const match = /^\/b1s\/(v1|v2)\/([^(/?]+)(\((?:'(?:[^']|'')*'|[^')])*\))?(?:\/([^?]*))?(?:\?(.*))?$/s.exec(plain);
  const resource = match?.[2];
  if (!match || resource === undefined) return undefined;
  return {
    version: match[1] === 'v1' ? 'v1' : 'v2',
    resource,
    key: match[3]?.slice(1, -1),
    tail: match[4] || undefined,
    options: splitOutsideQuotes(match[5] ?? '', '&')
      .filter((part) => part !== '')
      .map((part) => {
        const sign = part.indexOf('=');
        return sign < 0 ? { name: part, value: '' } : { name: part.slice(0, sign), value: part.slice(sign + 1) };
      }),
  };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    if (quoted || text[at] !== separator) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
