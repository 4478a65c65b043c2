import type { Response } from 'express';
import { allowOwnContent } from '../middleware/security-headers.ts';

export interface Message {
  readonly status: number;
  readonly title: string;
  /** One sentence: what happened and what to do. */
  readonly sentence: string;
  readonly action?: { readonly label: string; readonly href: string };
  /** What support asks for. */
  readonly requestId?: string;
}

/** A page of our own with one sentence, for a browser that has left Pipedrive or not got there. */
export function sendMessage(res: Response, message: Message): void {
  allowOwnContent(res);
  res.status(message.status).type('html').send(messageHtml(message));
}

export function messageHtml({ title, sentence, action, requestId }: Message): string {
  const link = action
    ? `<p><a class="action" href="${escapeHtml(action.href)}">${escapeHtml(action.label)}</a></p>`
    : '';
  const support = requestId ? `<p class="small">Number for support: ${escapeHtml(requestId)}</p>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/message.css">
</head>
<body>
<main>
<p class="small">Orderline for SAP Business One</p>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(sentence)}</p>
${link}
${support}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export const MESSAGE_CSS = `:root {
  color-scheme: light dark;
  --page: #f4f5f6;
  --surface: #fff;
  --text: #192435;
  --muted: #656e7a;
  --accent: #413d99;
  --on-accent: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1017;
    --surface: #1e2029;
    --text: #e2e2e4;
    --muted: #9ea5ad;
    --accent: #c4c2ff;
    --on-accent: #192435;
  }
}
body {
  margin: 0;
  padding: 16px;
  background: var(--page);
  color: var(--text);
  font: 15px/1.5 Inter, system-ui, sans-serif;
}
main {
  max-width: 440px;
  margin: 8vh auto 0;
  padding: 24px;
  border-radius: 8px;
  background: var(--surface);
}
main.text {
  max-width: 720px;
  margin-top: 24px;
}
h2 {
  margin: 24px 0 8px;
  font-size: 16px;
  line-height: 1.3;
}
ul {
  padding-left: 20px;
}
li {
  margin: 4px 0;
}
a {
  color: var(--accent);
}
h1 {
  margin: 0 0 8px;
  font-size: 20px;
  line-height: 1.3;
}
.small {
  margin: 0 0 16px;
  color: var(--muted);
  font-size: 13px;
}
.action {
  display: inline-block;
  padding: 8px 16px;
  border-radius: 4px;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  text-decoration: none;
}
.action:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
`;
