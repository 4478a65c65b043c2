import { z } from 'zod';
import type { ErpApproval } from '../../app/ports/erp-documents.ts';
import type { SapCompany } from '../company.ts';
import { readPage } from '../lists.ts';
import { filled, Key, OptionalText } from '../mappers/values.ts';
import { compare, type FieldOfType, integer } from '../odata.ts';

const Line = z.object({
  Status: OptionalText,
  Remarks: OptionalText,
} satisfies Partial<Record<FieldOfType<'ApprovalRequestLine'>, z.ZodType>>);

const shape = {
  Code: Key,
  DraftEntry: Key.nullish(),
  Status: OptionalText,
  ApprovalRequestLines: z.array(Line).nullish(),
} satisfies Partial<Record<FieldOfType<'ApprovalRequest'>, z.ZodType>>;

const Row = z.object(shape);
const FIELDS: readonly FieldOfType<'ApprovalRequest'>[] = Row.keyof().options;

/** A draft that was changed and sent on again has several requests: the newest says how it stands. */
export async function findApproval(company: SapCompany, draftEntry: number): Promise<ErpApproval | undefined> {
  const query = {
    select: FIELDS,
    filter: compare<'ApprovalRequests'>('DraftEntry', 'eq', integer(draftEntry)),
    orderBy: ['Code desc'],
    top: 1,
  } as const;
  const [row] = (await readPage(company, 'ApprovalRequests', query, Row)).rows;
  if (!row) return undefined;
  return { code: row.Code, draftEntry, state: stateOf(row.Status), words: wordsOf(row.ApprovalRequestLines ?? []) };
}

/** SAP's words, or their database values. */
function stateOf(status: string | null | undefined): ErpApproval['state'] {
  switch (status) {
    case 'arsApproved':
    case 'Y':
      return 'approved';
    case 'arsNotApproved':
    case 'N':
      return 'rejected';
    case 'arsGenerated':
    case 'arsGeneratedByAuthorizer':
    case 'P':
    case 'A':
      return 'generated';
    case 'arsCancelled':
    case 'C':
      return 'cancelled';
    default:
      return 'pending';
  }
}

function wordsOf(lines: readonly z.infer<typeof Line>[]): string {
  const refused = lines.filter(({ Status }) => Status === 'ardNotApproved' || Status === 'N');
  const others = lines.filter((line) => !refused.includes(line));
  return [...new Set([...refused, ...others].flatMap(({ Remarks }) => filled(Remarks) ?? []))].join(' ');
}
