import { canSee } from '../pipedrive/company/visibility.ts';
import { html, json, type PlainAnswer, type PlainRequest } from '../pipedrive/http/plain.ts';
import type { BaseRecord } from '../pipedrive/records.ts';
import { liveOrganization, livePerson, organizationPage, personPage } from './contact-pages.ts';
import { dealPage, liveDeal } from './deal-page.ts';
import { dealsPage, organizationsPage, personsPage, settingsPage } from './list-pages.ts';
import { pageAction } from './page-actions.ts';
import { type PageHost, type Viewer, viewerOf } from './page-host.ts';
import { serveAsset } from './serve-assets.ts';

/** Answers everything of a company's web app that is no API call. */
export async function servePages(host: PageHost, request: PlainRequest): Promise<PlainAnswer> {
  const { pathname, searchParams } = request.url;
  const asset = await serveAsset(pathname);
  if (asset) return asset;
  const viewer = viewerOf(host, searchParams);
  if (!viewer) return html(404, 'Nobody with that id works here.');
  if (pathname === '/_page/token') return json(200, { token: host.frameToken(viewer.user.id) });
  const page =
    request.method === 'POST'
      ? pageAction(host, viewer, request)
      : (collectionPage(host, viewer, pathname) ??
        recordPage(host, viewer, pathname, searchParams.get('part') === 'live'));
  return page ?? html(404, 'There is no such page, or you may not see it.');
}

function collectionPage(host: PageHost, viewer: Viewer, path: string): PlainAnswer | undefined {
  if (path === '/' || path === '/deals') return html(200, dealsPage(host, viewer));
  if (path === '/organizations') return html(200, organizationsPage(host, viewer));
  if (path === '/persons') return html(200, personsPage(host, viewer));
  const settings = `/settings/marketplace/app/${host.app.clientId}/app-settings`;
  return path === settings ? html(200, settingsPage(host, viewer)) : undefined;
}

function recordPage(host: PageHost, viewer: Viewer, path: string, live: boolean): PlainAnswer | undefined {
  const [, kind, idText = ''] = /^\/(deal|organization|person)\/(\d+)$/.exec(path) ?? [];
  const id = Number(idText);
  const { handle } = host;
  const seen = <T extends BaseRecord>(record: T | undefined) =>
    record && !record.is_deleted && canSee(host.handle.state, viewer.user, record) ? record : undefined;
  if (kind === 'deal' && seen(handle.state.deals.get(id))) {
    const deal = handle.deal(id);
    return html(200, live ? liveDeal(host, viewer, deal) : dealPage(host, viewer, deal));
  }
  const organization = kind === 'organization' ? seen(handle.state.organizations.get(id)) : undefined;
  if (organization) {
    return html(
      200,
      live ? liveOrganization(host, viewer, organization) : organizationPage(host, viewer, organization),
    );
  }
  const person = kind === 'person' ? seen(handle.state.persons.get(id)) : undefined;
  return person && html(200, live ? livePerson(host, viewer, person) : personPage(host, viewer, person));
}
