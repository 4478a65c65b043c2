import type { CompanyState } from '../company/state.ts';
import { escapeHtml } from '../html.ts';
import type { RegisteredApp } from '../options.ts';

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;background:light-dark(#f5f5f6,#192435);
color:light-dark(#192435,#f5f5f6);display:grid;place-items:center;min-height:100vh;margin:0}
main{background:light-dark(#fff,#21293a);border-radius:12px;padding:32px;width:420px;box-shadow:0 4px 24px #0002}
h1{font-size:20px;margin:0 0 8px}ul{padding-left:20px}select{width:100%;font:inherit;padding:8px;margin:4px 0 16px}
button{font:inherit;padding:8px 20px;border-radius:6px;border:1px solid #8884;cursor:pointer;background:none;color:inherit}
button[value=allow]{background:#017737;border-color:#017737;color:#fff}`;

/** Log-in and consent in one: who are you, and do you let the app in? */
export function consentPage(
  app: RegisteredApp,
  companies: readonly CompanyState[],
  query: URLSearchParams,
  chosen: string | null,
): string {
  const options = companies.flatMap((company) =>
    [...company.users.values()].map((user) => {
      const value = `${company.id}:${user.id}`;
      const role = user.is_admin ? 'admin' : 'user';
      const label = escapeHtml(`${user.name} (${role}), ${company.name}`);
      return `<option value="${value}"${value === chosen ? ' selected' : ''}>${label}</option>`;
    }),
  );
  const hidden = ['client_id', 'redirect_uri', 'state'].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [`<input type="hidden" name="${name}" value="${escapeHtml(value)}">`];
  });
  const scopes = app.scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Allow ${escapeHtml(app.name)}?</title>
<style>${STYLE}</style></head><body><main><h1>${escapeHtml(app.name)} asks for access</h1>
<form method="post" action="/oauth/authorize">${hidden.join('')}
<label>You are<select name="who">${options.join('')}</select></label>
<p>It will be able to use:</p><ul>${scopes}</ul>
<p><button name="answer" value="allow">Allow and install</button> <button name="answer" value="decline">Decline</button></p>
</form></main></body></html>`;
}

export function errorPage(sentence: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pipedrive</title><style>${STYLE}</style></head>
<body><main><h1>This app cannot be installed</h1><p>${escapeHtml(sentence)}</p></main></body></html>`;
}
