import { escapeHtml } from '../pipedrive/html.ts';
import type { FrameData, PageData } from './browser/page-data.ts';
import { type PageHost, tail, type Viewer } from './page-host.ts';

export interface PageParts {
  title: string;
  /** Which entry of the navigation is lit. */
  section: 'deals' | 'organizations' | 'people' | 'settings';
  className?: string;
  body: string;
  frame: FrameData | null;
}

/** The whole page: navigation, user switch, theme switch, body, and the data for its script. */
export function layout(host: PageHost, viewer: Viewer, parts: PageParts): string {
  const { app, handle } = host;
  const query = tail(viewer);
  const nav = (name: PageParts['section'], label: string, path: string) =>
    `<a href="${path}${query}"${parts.section === name ? ' aria-current="page"' : ''}>${label}</a>`;
  const users = handle
    .users()
    .filter((user) => user.active_flag)
    .map((user) => {
      const label = escapeHtml(`${user.name}${user.is_admin ? ' (admin)' : ''}`);
      return `<option value="${user.id}"${user.id === viewer.user.id ? ' selected' : ''}>${label}</option>`;
    });
  return `<!doctype html>
<html lang="en" data-theme="${viewer.theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(parts.title)} · ${escapeHtml(handle.state.name)}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/_page/style.css"></head>
<body class="${parts.className ?? ''}"><div class="shell">
<nav class="nav"><span class="logo">p</span>${nav('deals', 'Deals', '/')}${nav('organizations', 'Orgs', '/organizations')}${nav('people', 'People', '/persons')}${nav('settings', 'App', `/settings/marketplace/app/${app.clientId}/app-settings`)}</nav>
<div><header class="top"><b>${escapeHtml(handle.state.name)}</b><span class="practice">practice company, not Pipedrive</span><span class="fill"></span>
<label class="soft">You are <select id="who">${users.join('')}</select></label>
<button type="button" class="plain" id="theme" aria-label="Switch between light and dark">Light / dark</button></header>
${parts.body}</div></div>
<script type="application/json" id="page-data">${JSON.stringify(pageData(host, viewer, parts.frame)).replaceAll('<', '\\u003c')}</script>
<script type="module" src="/_page/main.ts"></script></body></html>`;
}

function pageData(host: PageHost, viewer: Viewer, frame: FrameData | null): PageData {
  return {
    theme: viewer.theme,
    userId: viewer.user.id,
    companyId: host.handle.state.id,
    appName: host.app.name,
    clientId: host.app.clientId,
    frame,
    modals: host.app.extensions.modals,
    strictSizes: viewer.strictSizes,
    initMs: viewer.initMs,
  };
}

/** The place of the app's frame. An extension works only for a user who has installed the app. */
export function extensionCard(host: PageHost, viewer: Viewer, frame: FrameData | null): string {
  const { app, grants, handle } = host;
  const name = escapeHtml(app.name);
  const installed = grants.of(handle.state.id, viewer.user.id) !== undefined;
  if (installed && frame) {
    return `<section class="card"><h2>${name}<span class="fill"></span><button type="button" id="panel-reload" title="Reload">↻</button><button type="button" id="panel-toggle" title="Fold">▾</button></h2><div id="extension"></div></section>`;
  }
  const text = installed
    ? '<p>The app has no page here.</p>'
    : `<p>You have not installed this app.</p><p><a class="button primary" href="${escapeHtml(host.installUrl())}" data-testid="install">Install</a></p>`;
  return `<section class="card"><h2>${name}</h2><div class="in">${text}</div></section>`;
}

/** The frame's data, if the user has the app and it has a page of that kind. */
export function frameFor(host: PageHost, viewer: Viewer, frame: FrameData): FrameData | null {
  const installed = host.grants.of(host.handle.state.id, viewer.user.id) !== undefined;
  return installed && frame.url !== '' ? frame : null;
}
