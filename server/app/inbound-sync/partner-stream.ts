import type { Match, OrganizationIndex } from '../../domain/entity-match.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { ErpPartner } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { loadOrganizationIndex } from './organization-index.ts';
import { type MappedPartner, mapPartner } from './partner-values.ts';
import { isToMatch, type StampedStream, type Touched } from './read-stream.ts';
import { isSettled } from './record-refused.ts';
import { heldLink, listSeeingAll } from './seeing-all.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Business partners: customers and leads, each linked to one organization before anything is written. */
export function partnerStream(deps: SyncDeps, context: SyncContext): StampedStream<ErpPartner> {
  const { erpCaller } = context;
  let index: Promise<OrganizationIndex | undefined> | undefined;
  const organizations = () => {
    index ??= listSeeingAll(deps, context, () => loadOrganizationIndex(deps, context));
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
    async prepare(rows, again = false) {
      const partners = rows.filter((partner) => partner.type !== 'supplier');
      const mapped = await mapPartners(deps, context, partners);
      const links = await findLinks(partners);
      const fresh = mapped.filter(
        ({ partner, hash }) => partner.active && isToMatch(links.get(partner.cardCode), hash, again),
      );
      const matches = fresh.length > 0 ? matchAll(await organizations(), fresh, links) : [];
      return { apply: (tx) => apply(tx, mapped, links, matches) };
    },
    touchedSince: (since) => listTouched(deps, context, since),
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
    matches: readonly Matched[],
  ): Promise<readonly string[]> {
    const { connection } = context.workplace;
    const toWrite = new Set<string>();
    for (const { row, match } of matches) {
      const { partner } = row;
      await deps.links.save(tx, connection.id, linkFor(row, match));
      if (match.kind === 'ambiguous') await raiseAmbiguous(tx, partner, match);
      else if (match.kind !== 'held') {
        await deps.findings.resolve(tx, 'partner_ambiguous', `partner:${partner.cardCode}`, deps.clock.now());
        toWrite.add(partner.cardCode);
      }
    }
    for (const { partner, hash } of mapped) {
      const link = links.get(partner.cardCode);
      if (link && link.state !== 'ambiguous' && !isSettled(link, hash)) toWrite.add(partner.cardCode);
    }
    return [...toWrite];
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
        action: `Write ${partner.cardCode} into the SAP code field of the right organization (seen within the hour), or merge what is there twice (seen the next day).`,
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

interface Matched {
  readonly row: MappedPartner;
  /** `held`: what there is cannot be seen whole, so nothing is looked for among it. */
  readonly match: Match | { readonly kind: 'held' };
}

function matchAll(
  index: OrganizationIndex | undefined,
  rows: readonly MappedPartner[],
  links: ReadonlyMap<string, EntityLink>,
): readonly Matched[] {
  return rows.flatMap((row): readonly Matched[] => {
    const link = links.get(row.partner.cardCode);
    if (!index) return link?.state === 'gone' ? [] : [{ row, match: { kind: 'held' } }];
    const match = link?.state === 'gone' ? matchGone(index, row.partner, link) : matchOne(index, row.partner);
    if (match?.kind === 'linked') index.take(match.id);
    return match ? [{ row, match }] : [];
  });
}

function matchOne(index: OrganizationIndex, { cardCode, name, vatNumber, address }: ErpPartner): Match {
  return index.match(cardCode, { name, vatNumber, postalCode: address.postalCode });
}

/** Its own organization when that was restored, or another that is certainly it; none is made in its place. */
function matchGone(index: OrganizationIndex, partner: ErpPartner, { pipedriveId }: EntityLink): Match | undefined {
  if (pipedriveId !== null && index.has(pipedriveId)) return { kind: 'linked', id: pipedriveId, by: 'sap_code' };
  const match = matchOne(index, partner);
  return match.kind === 'linked' ? match : undefined;
}

function linkFor({ partner, hash }: MappedPartner, match: Matched['match']): EntityLink {
  const base = { kind: 'partner', sapKey: partner.cardCode, creatingSince: null, contentHash: null } as const;
  switch (match.kind) {
    case 'linked':
      return { ...base, pipedriveId: match.id, state: 'linked' };
    case 'ambiguous':
      return { ...base, pipedriveId: null, state: 'ambiguous', contentHash: hash };
    case 'none':
      return { ...base, pipedriveId: null, state: 'to_create' };
    case 'held':
      return heldLink('partner', partner.cardCode);
    default:
      return match satisfies never;
  }
}

async function listTouched(deps: SyncDeps, { crmCaller, fields }: SyncContext, since: Date): Promise<Touched> {
  const codeField = fields['organization.sap_code'] ?? '';
  const ids = new Set<number>();
  const keys = new Set<string>();
  const pages = deps.crm.listOrganizations(crmCaller, { updatedSince: since, customFields: [codeField] });
  for await (const page of pages) {
    for (const { id, customFields } of page) {
      ids.add(id);
      const code = customFields[codeField];
      if (typeof code === 'string') keys.add(code.trim());
    }
  }
  return { ids, keys };
}
