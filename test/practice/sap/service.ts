import { visibleUserTable } from './company/user-tables.ts';
import { errorBody } from './dialects.ts';
import { actOnEntity, createEntity, patchEntity, removeEntity } from './entities/write.ts';
import { malformed, noPermission, SapError } from './errors.ts';
import type { Scene, SlRequest, SlResponse } from './messages.ts';
import { json } from './messages.ts';
import { runBatch } from './odata/batch.ts';
import { readCount, readList, readOne } from './odata/read.ts';
import { parseKey, parseResource } from './odata/resource.ts';
import { runOperation } from './operations/operations.ts';
import { metadataXml } from './schema/metadata.ts';
import { ENTITY_SETS, NEWER_SETS, typeOfSet } from './schema/schema.ts';
import { checkSqlRight, listQuery } from './sql/run.ts';

/** Carries out one request of a signed-in client. Refusals become answers; anything else is a defect of the practice. */
export function serve(scene: Scene, request: SlRequest): SlResponse {
  try {
    return dispatch(scene, request);
  } catch (error) {
    if (error instanceof SapError) return json(scene, error.status, errorBody(scene.dialect, error));
    throw error;
  }
}

function dispatch(scene: Scene, request: SlRequest): SlResponse {
  const { method, path } = request;
  if (path === '') return serviceDocument(scene);
  if (scene.company.settings.missing.includes(path.split('(')[0] ?? ''))
    throw malformed(`Unrecognized resource path '${path}'`);
  if (path === '$batch' && method === 'POST') return runBatch(scene, request, serve);
  if (path === '$metadata' && method === 'GET') {
    return { status: 200, headers: { 'Content-Type': 'application/xml;charset=utf-8' }, body: metadataXml(scene) };
  }
  const resource = parseResource(path);
  if (scene.company.settings.denies(method, resource.name)) throw noPermission();
  if (!serves(scene, resource.name)) {
    const done = runOperation(scene, request, resource.name);
    if (done === undefined) throw malformed(`Unrecognized resource path '${path}'`);
    return done;
  }
  if (resource.name === 'SQLQueries') checkSqlRight(scene);
  if (resource.name === 'SQLQueries' && resource.rest === 'List' && ['GET', 'POST'].includes(method))
    return listQuery(scene, request, parseKey(typeOfSet('SQLQueries'), resource.key ?? ''));
  return resource.key === undefined
    ? onSet(scene, request, resource.name, resource.rest)
    : onEntity(scene, request, resource.name, resource.key, resource.rest);
}

/** Whether this company, at its release and with its user tables, has that set. */
function serves({ company, dialect }: Scene, set: string): boolean {
  if (set.startsWith('U_')) return visibleUserTable(company, set);
  if (set === 'SQLQueries') return company.settings.sqlQueries !== 'absent';
  if (NEWER_SETS[set] !== undefined) return company.settings.webhooks === 'available' && dialect.version === 'v2';
  return ENTITY_SETS[set] !== undefined;
}

function onSet(scene: Scene, request: SlRequest, set: string, rest: string): SlResponse {
  if (rest === '$count' && request.method === 'GET') return readCount(scene, request, set);
  if (rest !== '') throw malformed(`Unrecognized resource path '${request.path}'`);
  if (request.method === 'GET') return readList(scene, request, set);
  if (request.method === 'POST') return createEntity(scene, request, set);
  throw notAllowed(request.method);
}

function onEntity(scene: Scene, request: SlRequest, set: string, keyText: string, rest: string): SlResponse {
  const key = parseKey(typeOfSet(set), keyText);
  if (rest !== '') {
    const done = request.method === 'POST' ? actOnEntity(scene, request, set, key, rest) : undefined;
    if (done === undefined) throw malformed(`Unrecognized resource path '${request.path}'`);
    return done;
  }
  switch (request.method) {
    case 'GET':
      return readOne(scene, request, set, key);
    case 'PATCH':
    case 'MERGE':
      return patchEntity(scene, request, set, key);
    case 'DELETE':
      return removeEntity(scene, request, set, key);
    default:
      throw notAllowed(request.method);
  }
}

/** PUT resets what is not sent; the practice company leaves it out, since nobody should use it. */
function notAllowed(method: string): SapError {
  return new SapError(405, -1000, `Method '${method}' is not allowed`);
}

function serviceDocument(scene: Scene): SlResponse {
  const value = Object.keys(ENTITY_SETS).map((name) => ({ name, kind: 'EntitySet', url: name }));
  return json(scene, 200, {
    [`${scene.dialect.version === 'v1' ? 'odata.metadata' : '@odata.context'}`]: `${scene.origin}${scene.dialect.root}/$metadata`,
    value,
  });
}
