import type { Fields } from '../../kernel/json.ts';
import { isFields, textOf } from '../../kernel/json.ts';
import { contextOf, present } from '../dialects.ts';
import { without } from '../documents/change.ts';
import { bodyOf } from '../entities/write.ts';
import { business, malformed } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, noContent } from '../messages.ts';
import { readPayload } from '../schema/payload.ts';
import { typeNamed } from '../schema/schema.ts';
import { CATALOG } from '../webhooks/catalog.ts';
import { adminInfo } from './company-info.ts';

/** Newer than the rest of the description, so it stands beside the type. */
const SWITCH = 'EnableWebhook';

export function getAdminInfo(scene: Scene): SlResponse {
  const { company, dialect, origin } = scene;
  const context = contextOf(dialect, origin, dialect.version === 'v1' ? 'AdminInfo' : 'SAPB1.AdminInfo', false);
  const newer =
    company.settings.webhooks === 'available' ? { [SWITCH]: company.settings.webhooksEnabled ? 'tYES' : 'tNO' } : {};
  return json(scene, 200, {
    ...context,
    ...present(dialect, typeNamed('AdminInfo'), adminInfo(company), () => [], undefined),
    ...newer,
  });
}

/**
 * Folders that do not exist on the server stop every change of these switches, unless the same change empties them.
 * @throws SapError -10 with 10001237.
 */
export function updateAdminInfo(scene: Scene, request: SlRequest): SlResponse {
  const { settings } = scene.company;
  const wrapped = bodyOf(request)['AdminInfo'];
  if (!isFields(wrapped)) throw malformed("Parameter 'AdminInfo' is missing");
  const newer = settings.webhooks === 'available' ? [SWITCH] : [];
  const sent = readPayload(typeNamed('AdminInfo'), without(wrapped, newer), () => []);
  const changed: Fields = { ...settings.adminInfo, ...sent };
  for (const folder of ['ExcelFolderPath', 'XMLFileFolderPath']) {
    if (textOf(changed, folder) !== '') throw business(`10001237 - Enter valid folder path  [OADM.${folder}]`);
  }
  settings.adminInfo = changed;
  if (newer.includes(SWITCH) && SWITCH in wrapped) settings.webhooksEnabled = textOf(wrapped, SWITCH) === 'tYES';
  return noContent();
}

/** One row for each object and what can happen to it. */
export function eventCatalog(scene: Scene): SlResponse {
  const events = Object.entries(CATALOG).flatMap(([object, { objectType, transactions }]) =>
    transactions.map((transaction) => ({
      BusinessObject: object,
      ObjectType: objectType,
      TransactionType: transaction,
    })),
  );
  const context = contextOf(scene.dialect, scene.origin, 'SAPB1.EventCatagory', false);
  return json(scene, 200, { ...context, Version: '1.0', Description: 'Event catalog', Events: events });
}
