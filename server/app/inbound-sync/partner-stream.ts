import type { Match, OrganizationIndex } from '../../domain/entity-match.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { ErpPartner } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { loadOrganizationIndex } from './organization-index.ts';
import { type MappedPartner, mapPartner } from './partner-values.ts';
import type { StampedStream } from './read-stream.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Business partners: customers and leads, each linked to one organization before anything is written. */
export function partnerStream(deps: SyncDeps, context: SyncContext): StampedStream<ErpPartner> {
  const { erpCaller } = context;
  let index: Promise<OrganizationIndex> | undefined;
  const organizations = () => {
    index ??= loadOrganizationIndex(deps, context);
    return index;
  };

  return {
    stream: 'partners',
    writeTask: 'crm.write-partners',
    count: () => deps.erp.countPartners(erpCaller),
    newestStamp: () => deps.erp.newestStamp(erpCaller, 'partners'),
    listByKey: (afterKey, limit) => deps.erp.listPartnersByKey(erpCaller, afterKey, limit),
    listChanged: (from, after, limit) => deps.erp.listPartnersChanged(erpCaller, from, after, limit),
    keyOf: (partner) => partner.cardCode,
    stampOf: (partner) => partner.updated,
    async prepare(rows) {
      const partners = rows.filter((partner) => partner.type !== 'supplier');
      const mapped = await mapPartners(deps, context, partners);
      const links = await findLinks(partners);
      const fresh = mapped.filter(({ partner }) => partner.active && !links.has(partner.cardCode));
      const matches = fresh.length > 0 ? matchAll(await organizations(), fresh) : [];
      return { apply: (tx) => apply(tx, mapped, links, matches) };
    },
  };

  async function findLinks(partners: readonly ErpPartner[]): Promise<ReadonlyMap<string, EntityLink>> {
    const { connection } = context.workplace;
    const keys = partners.map((partner) => partner.cardCode);
    const links = await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
      deps.links.findBySapKeys(tx, connection.id, 'partner', keys),
    );
    return new Map(links.map((link) => [link.sapKey, link]));
  }

  async function apply(
    tx: Tx,
    mapped: readonly MappedPartner[],
    links: ReadonlyMap<string, EntityLink>,
    matches: readonly { partner: ErpPartner; match: Match }[],
  ): Promise<readonly string[]> {
    const { connection } = context.workplace;
    const toWrite: string[] = [];
    for (const { partner, match } of matches) {
      await deps.links.save(tx, connection.id, linkFor(partner, match));
      if (match.kind === 'ambiguous') await raiseAmbiguous(tx, partner, match);
      else toWrite.push(partner.cardCode);
    }
    for (const { partner, hash } of mapped) {
      const link = links.get(partner.cardCode);
      if (link && link.state !== 'ambiguous' && link.state !== 'gone' && link.contentHash !== hash)
        toWrite.push(partner.cardCode);
    }
    return toWrite;
  }

  async function raiseAmbiguous(
    tx: Tx,
    partner: ErpPartner,
    match: Extract<Match, { kind: 'ambiguous' }>,
  ): Promise<void> {
    const same = { sap_code: 'SAP code', vat_number: 'VAT number', name_and_postcode: 'name and postcode' }[match.by];
    const [first] = match.ids;
    const why = {
      many_organizations: `${match.ids.length} organizations have`,
      taken: 'An organization that belongs to another SAP customer has',
      many_customers: 'Several SAP customers, and one organization, have',
    }[match.why];
    await deps.findings.raise(
      tx,
      {
        kind: 'partner_ambiguous',
        subject: `partner:${partner.cardCode}`,
        message: `${why} the same ${same} as SAP customer ${partner.cardCode} (${partner.name}). Nothing was created.`,
        action: `Write ${partner.cardCode} into the SAP code field of the right organization, or merge what is there twice.`,
        link: first === undefined ? null : { resource: 'organization', id: first },
      },
      deps.clock.now(),
    );
  }
}

export async function mapPartners(
  deps: SyncDeps,
  context: SyncContext,
  partners: readonly ErpPartner[],
): Promise<readonly MappedPartner[]> {
  if (partners.length === 0) return [];
  const { erpCaller, workplace } = context;
  const codes = partners.map((partner) => partner.cardCode);
  const [groups, oldestDueDates] = await Promise.all([
    deps.erp.listPartnerGroups(erpCaller),
    deps.erp.oldestDueDates(erpCaller, codes),
  ]);
  const today = localDateIn(workplace.connection.timeZone, deps.clock.now());
  return partners.map((partner) => mapPartner(partner, { groups, oldestDueDates, today }, context));
}

function matchAll(index: OrganizationIndex, mapped: readonly MappedPartner[]): { partner: ErpPartner; match: Match }[] {
  return mapped.map(({ partner }) => {
    const match = index.match(partner.cardCode, {
      name: partner.name,
      vatNumber: partner.vatNumber,
      postalCode: partner.address.postalCode,
    });
    if (match.kind === 'linked') index.take(match.id);
    return { partner, match };
  });
}

function linkFor(partner: ErpPartner, match: Match): EntityLink {
  const base = { kind: 'partner', sapKey: partner.cardCode, creatingSince: null, contentHash: null } as const;
  switch (match.kind) {
    case 'linked':
      return { ...base, pipedriveId: match.id, state: 'linked' };
    case 'ambiguous':
      return { ...base, pipedriveId: null, state: 'ambiguous' };
    case 'none':
      return { ...base, pipedriveId: null, state: 'to_create' };
    default:
      return match satisfies never;
  }
}
