import type { CrmChangeHint, CrmEntity } from '../ports/crm-changes.ts';
import type { DeliveryEvent } from './delivery-reader.ts';

/** Kinds of records whose deliveries mean something; a line's means its deal. */
const ENTITIES: Readonly<Record<string, CrmEntity>> = {
  deal: 'deal',
  organization: 'organization',
  person: 'person',
  product: 'product',
  user: 'user',
};

/** What there is to be read after a delivery; nothing for kinds of records that mean nothing to us. */
export function changeHints(event: DeliveryEvent): readonly CrmChangeHint[] {
  if (event.entity === 'deal_product') return hint('deal', event.dealId);
  const entity = Object.hasOwn(ENTITIES, event.entity) ? ENTITIES[event.entity] : undefined;
  if (!entity) return [];
  const winner = idOf(event.mergedInto);
  return [
    // Users are never deleted in Pipedrive: a deactivated one is read like any other.
    ...hint(entity, event.entityId, { gone: event.action === 'delete' && entity !== 'user', mergedInto: winner }),
    ...hint(entity, event.mergedInto),
    ...hint(entity, event.mergedFrom, { gone: true, mergedInto: idOf(event.entityId) }),
  ];
}

function hint(
  entity: CrmEntity,
  text: string | null,
  more: Pick<CrmChangeHint, 'gone' | 'mergedInto'> = { gone: false, mergedInto: null },
): readonly CrmChangeHint[] {
  const id = idOf(text);
  return id === null ? [] : [{ entity, id, ...more, mergedInto: more.mergedInto === id ? null : more.mergedInto }];
}

function idOf(text: string | null): number | null {
  const id = text === null || !/^\d{1,16}$/.test(text) ? 0 : Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
