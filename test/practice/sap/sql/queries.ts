import type { Fields, Json } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { without } from '../documents/change.ts';
import { alreadyExists, refused, SapError } from '../errors.ts';
import type { SqlTable } from './tables.ts';
import { SQL_TABLES } from './tables.ts';

/** As much SQL as a probe needs: one table, conditions joined by `and`, an order. */
interface Query {
  readonly table: SqlTable;
  readonly columns: readonly { readonly name: string; readonly as: string }[];
  readonly conditions: readonly Condition[];
  readonly order: readonly string[];
}

interface Condition {
  readonly column: string;
  readonly operator: string;
  /** Of a parameter (`:since`) the name, of a literal its value. */
  readonly parameter?: string;
  readonly literal?: Json;
}

const syntax = (what: string) => new SapError(400, 701, `Invalid SQL syntax: ${what}`);
const SHAPE =
  /^\s*select\s+(.+?)\s+from\s+(\S+)(?:\s+(?:as\s+)?(?!where\b|order\b)(\w+))?(?:\s+where\s+(.+?))?(?:\s+order\s+by\s+(.+?))?\s*$/is;
const CONDITION = /^\s*(\S+)\s*(<=|>=|<>|=|<|>)\s*(?::(\w+)|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?))\s*$/s;

/** @throws SapError 701 for what is not understood, 702 for a table and 703 for a column that is not allowed. */
function parse(sql: string): Query {
  const match = SHAPE.exec(sql);
  if (match === null) throw syntax(sql.slice(0, 40));
  const [, columnText = '', tableText = '', , whereText, orderText] = match;
  const table = SQL_TABLES[bare(tableText).toUpperCase()];
  if (table === undefined) throw new SapError(400, 702, `Table '${bare(tableText)}' is not allowed`);
  const known = (name: string): string => {
    const column = Object.keys(table.columns).find((entry) => entry.toLowerCase() === bare(name).toLowerCase());
    if (column === undefined) throw new SapError(400, 703, `Column '${bare(name)}' is not allowed`);
    return column;
  };
  return {
    table,
    columns: columnText.split(',').map((text) => readColumn(text, known)),
    conditions: whereText === undefined ? [] : whereText.split(/\s+and\s+/i).map((text) => readCondition(text, known)),
    order:
      orderText === undefined ? [] : orderText.split(',').map((text) => known(text.trim().replace(/\s+asc$/i, ''))),
  };
}

/** A name without its alias and quotation marks. */
function bare(name: string): string {
  return name
    .trim()
    .replace(/^.*\./s, '')
    .replace(/["[\]]/g, '');
}

function readColumn(text: string, known: (name: string) => string): { name: string; as: string } {
  const match = /^\s*([\w."[\]]+)(?:\s+(?:as\s+)?["']?(\w+)["']?)?\s*$/i.exec(text);
  if (match === null) throw syntax(text.trim());
  const name = known(match[1] ?? '');
  return { name, as: match[2] ?? name };
}

function readCondition(text: string, known: (name: string) => string): Condition {
  const match = CONDITION.exec(text);
  if (match === null) throw syntax(text.trim());
  const [, name = '', operator = '', parameter, quoted, bareNumber] = match;
  const column = known(name);
  if (parameter !== undefined) return { column, operator, parameter };
  return { column, operator, literal: quoted?.replaceAll("''", "'") ?? Number(bareNumber) };
}

const parametersOf = (query: Query): string[] => query.conditions.flatMap(({ parameter }) => parameter ?? []);

export function createQuery(company: Company, sent: Fields): Fields {
  const code = textOf(sent, 'SqlCode');
  if (code === '' || textOf(sent, 'SqlName') === '') throw refused('Code or name of the query is missing');
  if (company.table('SQLQueries').has(code)) throw alreadyExists(`Query '${code}'`);
  const row = { ...sent, ...written(company, sent), CreateDate: company.stamp().date };
  company.table('SQLQueries').put(code, row);
  return row;
}

export function patchQuery(company: Company, before: Fields, sent: Fields): void {
  const after = { ...before, ...without(sent, ['SqlCode', 'ParamList', 'CreateDate', 'UpdateDate']) };
  company.table('SQLQueries').put(textOf(before, 'SqlCode'), { ...after, ...written(company, after) });
}

function written(company: Company, row: Fields): Fields {
  const query = parse(textOf(row, 'SqlText'));
  return { ParamList: parametersOf(query).join(','), UpdateDate: company.stamp().date };
}

/** @throws SapError 704 where a parameter is missing. */
export function runQuery(company: Company, row: Fields, given: ReadonlyMap<string, string>): Fields[] {
  const query = parse(textOf(row, 'SqlText'));
  const missing = parametersOf(query).find((name) => !given.has(name));
  if (missing !== undefined) throw new SapError(400, 704, `Parameter '${missing}' is missing`);
  const read = (line: Fields, column: string): Json => query.table.columns[column]?.(line) ?? null;
  const found = query.table.rows(company).filter((line) =>
    query.conditions.every((condition) => {
      const wanted = condition.parameter === undefined ? condition.literal : given.get(condition.parameter);
      return holds(condition.operator, read(line, condition.column), wanted ?? null);
    }),
  );
  found.sort((a, b) => {
    for (const column of query.order) {
      const order = compare(read(a, column), read(b, column));
      if (order !== 0) return order;
    }
    return 0;
  });
  return found.map((line) => Object.fromEntries(query.columns.map(({ name, as }) => [as, read(line, name)])));
}

function compare(a: Json, b: Json): number {
  const [left, right] = typeof a === 'number' ? [a, Number(b)] : [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function holds(operator: string, a: Json, b: Json): boolean {
  const order = compare(a, b);
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    default:
      return order >= 0;
  }
}
