import { canSee } from '../pipedrive/company/visibility.ts';
import { escapeHtml } from '../pipedrive/html.ts';
import { extensionCard, frameFor, layout } from './layout.ts';
import { type PageHost, tail, type Viewer } from './page-host.ts';
import { money } from './record-parts.ts';

const MOST = 200;

export function dealsPage(host: PageHost, viewer: Viewer): string {
  const { handle } = host;
  const rows = handle
    .deals()
    .filter((deal) => canSee(host.handle.state, viewer.user, deal))
    .reverse()
    .map((deal) => {
      const organization = deal.org_id === null ? undefined : handle.state.organizations.get(deal.org_id);
      return `<tr><td><a href="/deal/${deal.id}${tail(viewer)}">${escapeHtml(deal.title)}</a></td><td>${escapeHtml(organization?.name ?? '')}</td><td><span class="badge ${deal.status}">${deal.status}</span></td><td class="n">${money(deal.value, deal.currency)}</td></tr>`;
    });
  return listPage(host, viewer, 'deals', 'Deals', ['Title', 'Organization', 'Status', 'Value'], rows);
}

export function organizationsPage(host: PageHost, viewer: Viewer): string {
  const rows = host.handle
    .organizations()
    .filter((record) => canSee(host.handle.state, viewer.user, record))
    .map((record) => {
      const address = record.address?.['value'];
      return `<tr><td><a href="/organization/${record.id}${tail(viewer)}">${escapeHtml(record.name)}</a></td><td>${typeof address === 'string' ? escapeHtml(address) : ''}</td></tr>`;
    });
  return listPage(host, viewer, 'organizations', 'Organizations', ['Name', 'Address'], rows);
}

export function personsPage(host: PageHost, viewer: Viewer): string {
  const rows = host.handle
    .persons()
    .filter((record) => canSee(host.handle.state, viewer.user, record))
    .map((record) => {
      const organization = record.org_id === null ? undefined : host.handle.state.organizations.get(record.org_id);
      return `<tr><td><a href="/person/${record.id}${tail(viewer)}">${escapeHtml(record.name)}</a></td><td>${escapeHtml(organization?.name ?? '')}</td></tr>`;
    });
  return listPage(host, viewer, 'people', 'People', ['Name', 'Organization'], rows);
}

/** The app's settings inside Pipedrive: the landing place after an installation. */
export function settingsPage(host: PageHost, viewer: Viewer): string {
  const frame = frameFor(host, viewer, { surface: 'settings', url: host.app.extensions.settings });
  const body = `<div class="wide"><h1>App settings</h1>${extensionCard(host, viewer, frame)}</div>`;
  return layout(host, viewer, { title: 'App settings', section: 'settings', className: 'settings', body, frame });
}

function listPage(
  host: PageHost,
  viewer: Viewer,
  section: 'deals' | 'organizations' | 'people',
  title: string,
  columns: readonly string[],
  rows: readonly string[],
): string {
  const head = columns.map((name) => `<th${name === 'Value' ? ' class="n"' : ''}>${name}</th>`).join('');
  const more = rows.length > MOST ? `<div class="in soft">and ${rows.length - MOST} more</div>` : '';
  const table = `<section class="card"><h2>${title} <span class="soft">${rows.length}</span></h2><table><thead><tr>${head}</tr></thead><tbody>${rows.slice(0, MOST).join('')}</tbody></table>${more}</section>`;
  const create = section === 'deals' ? newDealForm(host, viewer) : '';
  return layout(host, viewer, { title, section, body: `<div class="wide">${create}${table}</div>`, frame: null });
}

function newDealForm(host: PageHost, viewer: Viewer): string {
  const options = host.handle
    .organizations()
    .filter((record) => canSee(host.handle.state, viewer.user, record))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((record) => `<option value="${record.id}">${escapeHtml(record.name)}</option>`);
  if (options.length === 0) return '';
  return `<section class="card"><h2>New deal</h2><form class="add" method="post" action="/_page/deals${tail(viewer)}"><input name="title" required placeholder="Title" style="flex:1" aria-label="Title"><select name="org_id" aria-label="Organization">${options.join('')}</select><button class="button primary" data-testid="new-deal">Create</button></form></section>`;
}
