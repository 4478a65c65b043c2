import {
  indexOrganizations,
  type MatchSubject,
  type OrganizationCandidate,
  type OrganizationIndex,
} from '../../domain/entity-match.ts';
import type { CrmOrganization } from '../ports/crm.ts';
import type { ErpPartner, Page } from '../ports/erp.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Reads all organizations once, 10 tokens for 500, so that each new partner can be looked for among them. */
export async function loadOrganizationIndex(deps: SyncDeps, context: SyncContext): Promise<OrganizationIndex> {
  const { fields, crmCaller, workplace } = context;
  const codeField = fields['organization.sap_code'];
  const vatField = fields['organization.vat_number'];
  const candidates: OrganizationCandidate[] = [];
  const customFields = [codeField, vatField].filter((code) => code !== undefined);
  for await (const page of deps.crm.listOrganizations(crmCaller, { customFields })) {
    candidates.push(...page.map((organization) => candidateOf(organization, codeField, vatField)));
  }
  const taken = await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
    deps.links.listLinkedIds(tx, workplace.connection.id, 'partner'),
  );
  return indexOrganizations(candidates, taken, await listCustomers(deps, context));
}

const PAGE = 500;

/** Name, VAT number and postcode of every customer and lead, so that two that look alike are not taken for one. */
async function listCustomers(deps: SyncDeps, { erpCaller }: SyncContext): Promise<readonly MatchSubject[]> {
  const customers: MatchSubject[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<ErpPartner> = await deps.erp.listPartnersByKey(erpCaller, after, PAGE);
    for (const { name, vatNumber, address, type, active } of page.rows) {
      if (active && type !== 'supplier') customers.push({ name, vatNumber, postalCode: address.postalCode });
    }
    after = page.rows.at(-1)?.cardCode ?? after;
    if (page.done || page.rows.length === 0) return customers;
  }
}

function candidateOf(
  organization: CrmOrganization,
  codeField: string | undefined,
  vatField: string | undefined,
): OrganizationCandidate {
  const text = (code: string | undefined) => {
    const value = code ? organization.customFields[code] : undefined;
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  return {
    id: organization.id,
    name: organization.name,
    postalCode: organization.postalCode,
    vatNumber: text(vatField),
    sapCode: text(codeField),
  };
}
