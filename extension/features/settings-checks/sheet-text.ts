import type { PartnerSheetView } from '../../../server/contract/sap-checks.ts';

/** The sheet as plain text, for a mail or a printer. */
export function sheetText({ title, sections }: PartnerSheetView): string {
  const parts = sections.map(({ title: heading, lines, values }) =>
    [heading, ...lines, ...values.map(({ name, value }) => `  ${name}: ${value}`)].join('\n'),
  );
  return [title, ...parts].join('\n\n');
}
