import type { Response } from 'express';
import { allowOwnContent } from '../middleware/security-headers.ts';
import { escapeHtml } from './message-page.ts';

/** A paragraph, or a list of them. */
export type Block = string | readonly string[];

export interface LegalPage {
  readonly title: string;
  readonly intro: string;
  readonly sections: readonly { readonly heading: string; readonly blocks: readonly Block[] }[];
}

/** Who runs this app, and where they can be written to. */
export interface Operator {
  readonly name: string;
  readonly supportEmail: string;
}

const PAGES = [
  { path: '/privacy', label: 'Privacy' },
  { path: '/terms', label: 'Terms' },
  { path: '/support', label: 'Support' },
] as const;

/** A page to read, of our own: no scripts, nobody may frame it. */
export function sendLegalPage(res: Response, page: LegalPage, operator: Operator): void {
  allowOwnContent(res);
  res.status(200).type('html').send(legalHtml(page, operator));
}

function legalHtml({ title, intro, sections }: LegalPage, { supportEmail }: Operator): string {
  const text = (words: string): string => linked(escapeHtml(words), escapeHtml(supportEmail));
  const block = (one: Block): string =>
    typeof one === 'string'
      ? `<p>${text(one)}</p>`
      : `<ul>\n${one.map((item) => `<li>${text(item)}</li>`).join('\n')}\n</ul>`;
  const body = sections.map(
    ({ heading, blocks }) => `<h2>${escapeHtml(heading)}</h2>\n${blocks.map(block).join('\n')}`,
  );
  const pages = PAGES.map(({ path, label }) => `<a href="${path}">${label}</a>`).join(' · ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Orderline for SAP Business One</title>
<link rel="stylesheet" href="/message.css">
</head>
<body>
<main class="text">
<p class="small">Orderline for SAP Business One</p>
<h1>${escapeHtml(title)}</h1>
<p>${text(intro)}</p>
${body.join('\n')}
<p class="small">${pages}</p>
</main>
</body>
</html>
`;
}

/** Both are escaped already. */
const linked = (html: string, email: string): string =>
  html.replaceAll(email, `<a href="mailto:${email}">${email}</a>`);
