import { badQuery } from '../errors.ts';

/** A parsed $filter. */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: 'not'; readonly inner: FilterNode }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'call'; readonly name: TextFunction; readonly left: Operand; readonly right: Operand };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextFunction = 'startswith' | 'endswith' | 'contains' | 'substringof';
export type Operand =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | null };

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'open' | 'close' | 'comma' | 'end';
  readonly text: string;
}

const TOKEN = /\s*(?:(datetime'(?:[^']|'')*'|'(?:[^']|'')*')|(-?\d+(?:\.\d+)?(?![\w-]))|([A-Za-z_][\w/]*)|([(),]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw badQuery(`Invalid filter condition: unexpected text at position ${at + 1}`);
    tokens.push(asToken(match));
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function asToken([, quoted, number, name, mark]: RegExpExecArray): Token {
  if (quoted !== undefined) {
    const inner = quoted.slice(quoted.indexOf("'") + 1, -1);
    return { kind: 'string', text: inner.replaceAll("''", "'") };
  }
  if (number !== undefined) return { kind: 'number', text: number };
  if (name !== undefined) return { kind: 'name', text: name };
  return { kind: mark === '(' ? 'open' : mark === ')' ? 'close' : 'comma', text: mark ?? '' };
}

const COMPARISONS: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const FUNCTIONS: readonly string[] = ['startswith', 'endswith', 'contains', 'substringof'];
const isComparison = (text: string): text is Comparison => COMPARISONS.includes(text);
const isFunction = (text: string): text is TextFunction => FUNCTIONS.includes(text);

/**
 * Parses what the Service Layer understands and nothing else: no arithmetic, no date functions, no lambdas, no `in`.
 * @throws SapError 201 for anything else.
 */
export function parseFilter(text: string): FilterNode {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const take = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const takeWord = (word: string): boolean => {
    if (peek().kind !== 'name' || peek().text !== word) return false;
    at += 1;
    return true;
  };
  const expect = (kind: Token['kind']): void => {
    const token = take();
    if (token.kind !== kind) throw badQuery(`Invalid filter condition: unexpected '${token.text}'`);
  };

  function disjunction(): FilterNode {
    let left = conjunction();
    while (takeWord('or')) left = { kind: 'or', left, right: conjunction() };
    return left;
  }

  function conjunction(): FilterNode {
    let left = term();
    while (takeWord('and')) left = { kind: 'and', left, right: term() };
    return left;
  }

  function term(): FilterNode {
    if (takeWord('not')) return { kind: 'not', inner: term() };
    if (peek().kind === 'open') {
      take();
      const inner = disjunction();
      expect('close');
      return inner;
    }
    const token = peek();
    const next = tokens[at + 1];
    if (token.kind === 'name' && next?.kind === 'open') return call(token.text);
    return comparison();
  }

  function call(name: string): FilterNode {
    if (!isFunction(name)) throw badQuery(`Function '${name}' is not supported`);
    take();
    expect('open');
    const left = operand();
    expect('comma');
    const right = operand();
    expect('close');
    return { kind: 'call', name, left, right };
  }

  function comparison(): FilterNode {
    const left = operand();
    const operator = take();
    if (operator.kind !== 'name' || !isComparison(operator.text)) {
      throw badQuery(`Invalid filter condition: unexpected '${operator.text}'`);
    }
    return { kind: 'compare', operator: operator.text, left, right: operand() };
  }

  function operand(): Operand {
    const token = take();
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'name')
      return token.text === 'null' ? { kind: 'literal', value: null } : { kind: 'property', name: token.text };
    throw badQuery(`Invalid filter condition: unexpected '${token.text}'`);
  }

  const node = disjunction();
  expect('end');
  return node;
}
