import { type LegalPage, type Operator, sendLegalPage } from '../pages/legal-page.ts';
import { privacyText } from '../pages/privacy-text.ts';
import { supportText } from '../pages/support-text.ts';
import { termsText } from '../pages/terms-text.ts';
import type { RouteTable } from '../route-table.ts';

const PAGES: readonly { readonly path: string; readonly text: (operator: Operator) => LegalPage }[] = [
  { path: '/privacy', text: privacyText },
  { path: '/terms', text: termsText },
  { path: '/support', text: supportText },
];

/** The pages that a listing in the marketplace links to (reference pipedrive-api.md, section 7.2). */
export function addLegalRoutes(table: RouteTable, operator: Operator): void {
  for (const { path, text } of PAGES) {
    const page = text(operator);
    table.add({ method: 'get', path, kind: 'page' }, (_req, res) => sendLegalPage(res, page, operator));
  }
}
