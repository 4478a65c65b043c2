import type { Fields } from '../../kernel/json.ts';
import { isFields, numberOf, parseJson } from '../../kernel/json.ts';
import { rowKey } from '../company/model.ts';
import { etagOf } from '../dialects.ts';
import { keyMissing, lockedByOther, malformed, modifiedMeanwhile, noMatch } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { noContent, preference, switchedOn } from '../messages.ts';
import { oneEntity, ownFieldsFor } from '../odata/read.ts';
import { keyLiteral } from '../odata/resource.ts';
import { readPayload } from '../schema/payload.ts';
import { hasVersion, typeOfSet } from '../schema/schema.ts';
import { writerFor } from './writers.ts';

/** The body of a request as a JSON object. @throws SapError -1000. */
export function bodyOf(request: SlRequest): Fields {
  const body = request.body === '' ? {} : parseJson(request.body);
  if (!isFields(body)) throw malformed('Invalid JSON payload');
  return body;
}

/** POST on a set: 201 with the entity, or 204 where the client wants no content. */
export function createEntity(scene: Scene, request: SlRequest, set: string): SlResponse {
  const type = typeOfSet(set);
  const sent = readPayload(type, bodyOf(request), ownFieldsFor(scene, set));
  const silent = preference(request, 'return-no-content') !== undefined;
  const { row, waits } = scene.company.atomically(() => writerFor(set).create(scene.company, sent));
  const location = `${scene.dialect.root}/${set}${keyLiteral(type, rowKey(set, row))}`;
  if (waits === true) {
    // What a change set makes of an approval is not settled in public documents; refusing undoes the whole set.
    if (request.inChangeSet === true && scene.company.settings.approvalInChangeSet === 'refuse') throw noMatch();
    // The draft stands; reading "the order" back finds none. The platform says no more than that.
    if (!silent) throw noMatch();
    const shown = scene.company.settings.approvalLocation === 'misleading' ? { Location: location } : {};
    return noContent({ ...shown, 'Preference-Applied': 'return-no-content' });
  }
  if (silent) return noContent({ Location: location, 'Preference-Applied': 'return-no-content' });
  return oneEntity(scene, set, row, 201, undefined, { Location: `${scene.origin}${location}` });
}

export function patchEntity(scene: Scene, request: SlRequest, set: string, key: string): SlResponse {
  const type = typeOfSet(set);
  const before = existing(scene, set, key);
  checkVersion(request, set, before);
  checkLock(scene, set, key);
  const sent = readPayload(type, bodyOf(request), ownFieldsFor(scene, set));
  const replace = switchedOn(request, 'b1s-replacecollectionsonpatch');
  scene.company.atomically(() => writerFor(set).patch(scene.company, before, sent, replace));
  return noContent();
}

export function removeEntity(scene: Scene, request: SlRequest, set: string, key: string): SlResponse {
  const row = existing(scene, set, key);
  checkVersion(request, set, row);
  checkLock(scene, set, key);
  scene.company.atomically(() => writerFor(set).remove(scene.company, row));
  return noContent();
}

/** `Orders(1)/Cancel` and its like. Undefined where the set has no such action. */
export function actOnEntity(
  scene: Scene,
  request: SlRequest,
  set: string,
  key: string,
  action: string,
): SlResponse | undefined {
  const act = writerFor(set).actions[action];
  if (act === undefined) return undefined;
  const row = existing(scene, set, key);
  checkVersion(request, set, row);
  checkLock(scene, set, key);
  scene.company.atomically(() => act(scene.company, row));
  return noContent();
}

function existing(scene: Scene, set: string, key: string): Fields {
  const row = scene.company.table(set).get(key);
  if (row === undefined) throw keyMissing(key);
  return row;
}

function checkLock({ company }: Scene, set: string, key: string): void {
  if (company.locked.has(`${set} ${key}`)) throw lockedByOther();
}

/** Only weak tags are looked at; anything else in If-Match is ignored and the write goes through. */
function checkVersion(request: SlRequest, set: string, row: Fields): void {
  const tag = request.headers['if-match'] ?? '';
  const checked = hasVersion(typeOfSet(set)) && tag.startsWith('W/');
  if (checked && tag !== etagOf(numberOf(row, 'DataVersion'))) throw modifiedMeanwhile();
}
