import { OPERATION_LIST, type OperationName } from '../../server/pipedrive/operation-list.ts';
import { operation } from '../../server/pipedrive/operations.ts';
import { createSecret } from '../../server/secrets/secret.ts';
import type { SceneAccess } from '../contract/pipedrive/open-scene.ts';
import { ADMIN, type Rig, startRig } from '../integration/practice-pipedrive/harness.ts';
import { type CompanyOptions, DEFAULT_SCOPES, type PracticePipedriveOptions } from '../practice/pipedrive/options.ts';

/** A company that has one of everything to ask about. */
export async function startContractTown(
  company: Partial<CompanyOptions> = {},
  options: Partial<PracticePipedriveOptions> = { scopes: [...DEFAULT_SCOPES, 'search:read'] },
): Promise<Rig> {
  const rig = await startRig(company, options);
  const { company: town, clock } = rig;
  const vat = town.createField('organization', { field_name: 'VAT', field_type: 'varchar' }).field_code;
  for (let at = 1; at <= 6; at += 1) {
    clock.advance(60_000);
    const custom_fields = { [vat]: `DE${at}000` };
    const { id: org_id } = town.createOrganization({ name: `House ${at}`, custom_fields });
    town.createPerson({ name: `Person ${at}`, org_id });
    const { id: product_id } = town.createProduct({ name: `Pump ${at}`, code: `P-${at}` });
    const { id } = town.createDeal({ title: `Deal ${at}`, org_id });
    town.updateOrganization(org_id, { name: `House ${at} GmbH` });
    if (at === 1) town.archiveDeal(id);
    if (at === 2) town.deleteDeal(id);
    if (at === 3) town.win(id);
    if (at === 4) town.addLine(id, { product_id, item_price: 12.5, quantity: 2 });
    if (at === 5) town.addNote({ content: 'Hello', deal_id: id });
  }
  return rig;
}

export async function accessTo(rig: Rig, kind: 'oauth' | 'api_token' = 'oauth'): Promise<SceneAccess> {
  const { access, refresh } = await rig.tokenOf(ADMIN.id);
  const own = rig.company.users().find(({ id }) => id === ADMIN.id)?.api_token ?? '';
  const { oauthUrl, app } = rig.pipedrive;
  return {
    apiDomain: rig.company.apiDomain,
    kind,
    token: createSecret(kind === 'oauth' ? access : own),
    trusted: { domain: 'pipedrive.com', localHosts: new Set(rig.pipedrive.localHosts().split(',')) },
    app: {
      oauthUrl,
      clientId: app.clientId,
      clientSecret: createSecret(app.clientSecret),
      refreshToken: createSecret(refresh),
    },
  };
}

/** Records, fields, notes and webhooks, by their ids. */
export function inventory({ company }: Rig) {
  const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
  const codes = (['organization', 'person', 'deal', 'product'] as const).flatMap((entity) =>
    company.fields(entity).map(({ field_code }) => field_code),
  );
  const records = [company.organizations(), company.persons(), company.products(), company.deals()].map(ids);
  const notes = [...company.state.notes.values()].filter(({ active_flag }) => active_flag);
  return { records, codes, notes: ids(notes), hooks: ids(company.webhooks()) };
}

const names = Object.keys(OPERATION_LIST).filter((name): name is OperationName => name in OPERATION_LIST);
const SHAPES = names.map((name) => ({
  name,
  method: operation(name).method,
  shape: new RegExp(
    `^${operation(name)
      .path.replace(/\{id\}|\{product_attachment_id\}/g, '\\d+')
      .replace(/\{\w+\}/g, '\\w+')}$`,
  ),
}));

/** The name of the call that a request is; undefined for one that the app does not make. */
export function operationOf({ method, path }: { method: string; path: string }): OperationName | undefined {
  const plain = path.replace(/\?.*$/s, '');
  return SHAPES.find((known) => known.method === method && known.shape.test(plain))?.name;
}
