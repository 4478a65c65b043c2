import type { Fixer, Repeat } from '../server/kernel/errors.ts';
import { type CatalogueEntry, ERROR_CATALOGUE } from '../server/sap/error-catalogue.ts';

const WHO: Readonly<Record<Fixer, string>> = {
  rep: 'the sales person',
  back_office: 'the back office, in SAP',
  sap_admin: 'the SAP administrator or partner',
  us: 'us',
};

const REPEAT: Readonly<Record<Repeat, string>> = {
  never: 'no',
  after_fix: 'once it is put right',
  as_is: 'yes, unchanged, soon',
  look_first: 'only after looking in SAP',
};

/** What docs/sap-errors.md says, made from the catalogue. */
export function errorsPage(): string {
  return `# What SAP refuses, and what to do about it

Made by \`npx tsx scripts/write-sap-errors.ts\` from \`server/sap/error-catalogue.ts\`; a test holds this page against it.

SAP's own words are always shown beside these sentences, except where they say more: then they are shown alone. The first
row that fits counts. A code of eight or ten digits stands in the text of a refusal with another code, most often \`-10\`.

| SAP's code | with a text like | means | put right by | sent again? |
| --- | --- | --- | --- | --- |
${ERROR_CATALOGUE.map(row).join('\n')}

A code that is not in this list is shown with SAP's words and is not sent again by itself. Whatever SAP answers to a write
that is neither a success nor a refusal of its own (a page of a proxy, an empty answer, silence) is an unknown outcome: it
is looked up in SAP before anything else happens. Only three things prove that a write was never begun: the session had
ended (HTTP 401 or code 301), SAP could not switch to the company (305), or the request never left us.
`;
}

function row({ codes, words, sentence, who, repeat, wordsSayMore }: CatalogueEntry): string {
  const code = codes.length > 0 ? codes.map((own) => `\`${own}\``).join(' ') : 'any';
  const text = words ? `\`${words.source.replaceAll('|', '\\|')}\`` : '';
  return `| ${code} | ${text} | ${sentence}${wordsSayMore ? ' (SAP’s words are shown instead)' : ''} | ${WHO[who]} | ${REPEAT[repeat]} |`;
}
