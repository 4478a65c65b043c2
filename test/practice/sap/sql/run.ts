import { textOf } from '../../kernel/json.ts';
import { contextOf } from '../dialects.ts';
import { bodyOf } from '../entities/write.ts';
import { noMatch, SapError } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json } from '../messages.ts';
import { cutPage, pageSize } from '../odata/paging.ts';
import { runQuery } from './queries.ts';

/** Queries of a user who was not given them: the same answer for making and for running one. */
export function checkSqlRight(scene: Scene): void {
  if (scene.company.settings.sqlQueries === 'no_right') throw new SapError(403, -6006, 'No permission for SQL queries');
}

/** `SQLQueries('x')/List`: parameters in the query of a GET, or as one text in the body of a POST. */
export function listQuery(scene: Scene, request: SlRequest, key: string): SlResponse {
  const row = scene.company.table('SQLQueries').get(key);
  if (row === undefined) throw noMatch();
  const options = new URLSearchParams(request.query);
  const given = new Map(request.method === 'GET' ? options : new URLSearchParams(textOf(bodyOf(request), 'ParamList')));
  const plain = new Map([...given].map(([name, value]) => [name, value.replace(/^'(.*)'$/s, '$1')]));
  const size = pageSize(scene, request);
  const skip = Number(options.get('$skip') ?? 0);
  const page = cutPage(runQuery(scene.company, row, plain), { skip, top: undefined }, size.rows);
  const kept = [...options]
    .filter(([name]) => name !== '$skip')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const link = `SQLQueries('${key}')/List?${[...kept, `$skip=${page.next?.skip}`].join('&')}`;
  return json(
    scene,
    200,
    {
      ...contextOf(scene.dialect, scene.origin, 'SAPB1.SQLQueryResult', false),
      SqlText: textOf(row, 'SqlText'),
      value: page.rows,
      ...(page.next === undefined ? {} : { [`${scene.dialect.prefix}odata.nextLink`]: link }),
    },
    size.headers,
  );
}
