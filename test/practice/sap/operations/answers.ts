import type { Fields } from '../../kernel/json.ts';
import { isFields } from '../../kernel/json.ts';
import { contextOf, present } from '../dialects.ts';
import { bodyOf } from '../entities/write.ts';
import { malformed } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json } from '../messages.ts';
import { readPayload } from '../schema/payload.ts';
import { typeNamed } from '../schema/schema.ts';

/** What an operation answers with where it gives one record of that type. */
export function complex(scene: Scene, typeName: string, row: Fields): SlResponse {
  const named = scene.dialect.version === 'v1' ? typeName : `SAPB1.${typeName}`;
  const context = contextOf(scene.dialect, scene.origin, named, false);
  return json(scene, 200, { ...context, ...present(scene.dialect, typeNamed(typeName), row, () => [], undefined) });
}

/** Where it gives several: without pages. */
export function complexList(scene: Scene, typeName: string, rows: readonly Fields[]): SlResponse {
  const context = contextOf(scene.dialect, scene.origin, `Collection(SAPB1.${typeName})`, false);
  const type = typeNamed(typeName);
  return json(scene, 200, {
    ...context,
    value: rows.map((row) => present(scene.dialect, type, row, () => [], undefined)),
  });
}

/** A parameter that is a record of the type of its own name. @throws SapError -1000. */
export function recordParameter(request: SlRequest, name: string): Fields {
  const sent = bodyOf(request)[name];
  if (!isFields(sent)) throw malformed(`Parameter '${name}' is missing`);
  return readPayload(typeNamed(name), sent, () => []);
}
