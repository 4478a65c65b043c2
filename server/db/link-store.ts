import type { EntityLink, LineDetailStore, LinkKind, LinkStore } from '../app/ports/link-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { ConflictError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import { isUniqueViolation } from './database-errors.ts';
import { type EntityLinkRow, type LineDetailRow, safeInteger, safeIntegerOrNull } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const links = (tx: Tx, kind: LinkKind) =>
  queriesOf(tx)<EntityLinkRow>('entity_links').where({ installation_id: tx.installationId, kind });

const linksOf = (tx: Tx, connection: ConnectionId, kind: LinkKind) =>
  links(tx, kind).where({ connection_id: connection });

/** Asks first, since a statement that fails ends the whole transaction. */
const SAVE_UNLESS_TAKEN = `
  insert into entity_links
    (installation_id, connection_id, kind, sap_key, pipedrive_id, state, creating_since, content_hash)
  select :installation, :connection, :kind, :sapKey, :pipedriveId::bigint, :state, :creatingSince::timestamptz, :contentHash
  where not exists (select from entity_links where installation_id = :installation and connection_id = :connection
    and kind = :kind and pipedrive_id = :pipedriveId::bigint and sap_key <> :sapKey)
  on conflict on constraint entity_links_one_per_sap_key do update set pipedrive_id = excluded.pipedrive_id,
    state = excluded.state, creating_since = excluded.creating_since, content_hash = excluded.content_hash`;

/** The marks of what was written before stay. With a contact goes its partner, which brings the contact. */
const FORGET_REFUSALS = `
  with refused as (
    update entity_links set content_hash = regexp_replace(content_hash, '^.*[.]refused', 'again')
    where installation_id = :installation and connection_id = :connection and state in ('to_create', 'linked')
      and content_hash like '%.refused%'
    returning kind, sap_key)
  update entity_links set content_hash = regexp_replace(content_hash, '^[^.]*', 'again')
  where installation_id = :installation and connection_id = :connection and kind = 'partner' and state = 'linked'
    and content_hash not like '%.refused%'
    and exists (select from refused where refused.kind = 'contact' and starts_with(refused.sap_key, entity_links.sap_key || '/'))`;

export const linkStore: LinkStore = {
  async findBySapKey(tx, connection, kind, sapKey) {
    const row = await linksOf(tx, connection, kind).where({ sap_key: sapKey }).first();
    return row && toLink(row);
  },

  async findBySapKeys(tx, connection, kind, sapKeys) {
    return (await linksOf(tx, connection, kind).whereIn('sap_key', sapKeys)).map(toLink);
  },

  async findByPipedriveId(tx, connection, kind, pipedriveId) {
    const row = await linksOf(tx, connection, kind).where('pipedrive_id', pipedriveId).first();
    return row && toLink(row);
  },

  async findByPipedriveIds(tx, connection, kind, pipedriveIds) {
    return (await linksOf(tx, connection, kind).whereIn('pipedrive_id', pipedriveIds.map(String))).map(toLink);
  },

  async listContacts(tx, connection, cardCode) {
    // The code itself may hold a slash, the number behind it may not.
    const rows = await linksOf(tx, connection, 'contact')
      .whereRaw('starts_with(sap_key, ?)', [`${cardCode}/`])
      .orderBy('sap_key');
    return rows.filter((row) => !row.sap_key.slice(cardCode.length + 1).includes('/')).map(toLink);
  },

  async listLinkedIds(tx, connection, kind) {
    const ids = await linksOf(tx, connection, kind).whereNotNull('pipedrive_id').pluck<string[]>('pipedrive_id');
    return new Set(ids.map(safeInteger));
  },

  async listKeysIn(tx, connection, kind, state) {
    const rows = await linksOf(tx, connection, kind)
      .where({ state })
      .whereNotNull('pipedrive_id')
      .select<{ pipedrive_id: string; sap_key: string }[]>('pipedrive_id', 'sap_key');
    return new Map(rows.map((row) => [safeInteger(row.pipedrive_id), row.sap_key]));
  },

  async listOpen(tx, connection, kind) {
    const rows = await linksOf(tx, connection, kind).whereIn('state', ['ambiguous', 'gone']).orderBy('sap_key');
    return rows.map(toLink);
  },

  async listForbidden(tx, connection, kind, limit) {
    const rows = await linksOf(tx, connection, kind)
      .whereIn('state', ['to_create', 'linked'])
      .whereRaw("starts_with(content_hash, 'forbidden.refused')")
      .orderBy('sap_key')
      .limit(limit);
    return rows.map(toLink);
  },

  async forgetRefusals(tx, connection) {
    await queriesOf(tx).raw(FORGET_REFUSALS, { installation: tx.installationId, connection });
  },

  async save(tx, connection, link) {
    const taken = `Another SAP record is linked with ${link.kind} ${link.pipedriveId} already.`;
    try {
      const { rowCount } = await queriesOf(tx).raw<{ rowCount: number }>(SAVE_UNLESS_TAKEN, {
        installation: tx.installationId,
        connection,
        ...link,
      });
      if (rowCount === 0) throw new ConflictError(taken);
    } catch (error) {
      // Another transaction took it in the same moment; this one cannot go on.
      if (isUniqueViolation(error, 'entity_links_one_per_pipedrive_id'))
        throw new ConflictError(taken, { cause: error });
      throw error;
    }
  },

  async count(tx, connection, kind) {
    const rows = await linksOf(tx, connection, kind)
      .groupBy('state')
      .select<{ state: EntityLink['state']; count: string }[]>('state', queriesOf(tx).raw('count(*)'));
    const counts = { to_create: 0, creating: 0, linked: 0, ambiguous: 0, gone: 0 };
    for (const row of rows) counts[row.state] = safeInteger(row.count);
    return counts;
  },
};

export const lineDetailStore: LineDetailStore = {
  async save(tx, connection, details) {
    const connections = queriesOf(tx)('connections').where({ installation_id: tx.installationId, id: connection });
    // An order that was on its way when its installation was erased: there is nothing left to note about its lines.
    if (details.length === 0 || !(await connections.first('id'))) return;
    await queriesOf(tx)('line_details')
      .insert(
        details.map((detail) => ({
          installation_id: tx.installationId,
          connection_id: connection,
          deal_id: detail.dealId,
          line_id: detail.lineId,
          item_code: detail.itemCode,
          doc_entry: detail.docEntry,
          line_num: detail.lineNum,
        })),
      )
      .onConflict(['installation_id', 'connection_id', 'deal_id', 'line_id'])
      .merge();
  },

  async listByDeal(tx, dealId) {
    const rows = await queriesOf(tx)<LineDetailRow>('line_details')
      .where({ installation_id: tx.installationId, deal_id: String(dealId) })
      .orderBy('line_num');
    return rows.map((row) => ({
      dealId: safeInteger(row.deal_id),
      lineId: safeInteger(row.line_id),
      itemCode: row.item_code,
      docEntry: row.doc_entry,
      lineNum: row.line_num,
    }));
  },
};

function toLink(row: EntityLinkRow): EntityLink {
  return {
    kind: row.kind,
    sapKey: row.sap_key,
    pipedriveId: safeIntegerOrNull(row.pipedrive_id),
    state: row.state,
    creatingSince: row.creating_since,
    contentHash: row.content_hash,
  };
}
