import { escapeHtml } from '../pipedrive/html.ts';
import type { OrganizationRecord, PersonRecord } from '../pipedrive/records.ts';
import { extensionCard, frameFor, layout } from './layout.ts';
import { type PageHost, tail, type Viewer } from './page-host.ts';
import { fieldsCard, money, notesCard } from './record-parts.ts';

export function organizationPage(host: PageHost, viewer: Viewer, record: OrganizationRecord): string {
  return contactPage(host, viewer, 'organization', record, liveOrganization(host, viewer, record));
}

export function personPage(host: PageHost, viewer: Viewer, record: PersonRecord): string {
  return contactPage(host, viewer, 'person', record, livePerson(host, viewer, record));
}

function contactPage(
  host: PageHost,
  viewer: Viewer,
  resource: 'organization' | 'person',
  record: { id: number; name: string },
  live: string,
): string {
  const url = host.app.extensions.panel;
  const frame = frameFor(host, viewer, { surface: 'panel', url, resource, selectedIds: String(record.id) });
  const body = `<div class="columns"><aside>${extensionCard(host, viewer, frame)}</aside><main id="live">${live}</main></div>`;
  const section = resource === 'organization' ? 'organizations' : 'people';
  return layout(host, viewer, { title: record.name, section, body, frame });
}

export function liveOrganization(host: PageHost, viewer: Viewer, record: OrganizationRecord): string {
  const { handle } = host;
  const address = record.address?.['value'];
  const persons = handle.persons().filter(({ org_id }) => org_id === record.id);
  const people = persons.map((one) => `<a href="/person/${one.id}${tail(viewer)}">${escapeHtml(one.name)}</a>`);
  return `<section class="card head"><h1>${escapeHtml(record.name)}</h1><div class="soft">${typeof address === 'string' ? escapeHtml(address) : 'No address'}</div></section>
<section class="card"><h2>People</h2><div class="in">${people.join('<br>') || '<span class="soft">Nobody yet</span>'}</div></section>
${dealsCard(host, viewer, (deal) => deal.org_id === record.id)}${fieldsCard(handle.state, 'organization', record)}${notesCard(handle.state, handle.organizationNotes(record.id))}`;
}

export function livePerson(host: PageHost, viewer: Viewer, record: PersonRecord): string {
  const { handle } = host;
  const organization = record.org_id === null ? undefined : handle.state.organizations.get(record.org_id);
  const home = organization
    ? `<a href="/organization/${organization.id}${tail(viewer)}">${escapeHtml(organization.name)}</a>`
    : 'No organization';
  const lines = [...record.emails, ...record.phones].map((entry) => escapeHtml(String(entry['value'] ?? '')));
  return `<section class="card head"><h1>${escapeHtml(record.name)}</h1><div class="soft">${home}</div></section>
<section class="card"><h2>Contact</h2><div class="in">${lines.join('<br>') || '<span class="soft">–</span>'}</div></section>
${dealsCard(host, viewer, (deal) => deal.person_id === record.id)}${fieldsCard(handle.state, 'person', record)}`;
}

function dealsCard(
  host: PageHost,
  viewer: Viewer,
  belongs: (deal: { org_id: number | null; person_id: number | null }) => boolean,
): string {
  const rows = host.handle
    .deals()
    .filter(belongs)
    .map(
      (deal) =>
        `<tr><td><a href="/deal/${deal.id}${tail(viewer)}">${escapeHtml(deal.title)}</a></td><td><span class="badge ${deal.status}">${deal.status}</span></td><td class="n">${money(deal.value, deal.currency)}</td></tr>`,
    );
  return `<section class="card"><h2>Deals</h2>${rows.length === 0 ? '<div class="in soft">No deals yet</div>' : `<table>${rows.join('')}</table>`}</section>`;
}
