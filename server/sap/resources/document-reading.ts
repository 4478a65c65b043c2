import type { Page } from '../../app/ports/erp.ts';
import type { ErpDocument, ErpDocumentKind, ErpDocumentRef } from '../../app/ports/erp-documents.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { Lane } from '../../net/limiter.ts';
import type { SapCompany } from '../company.ts';
import { DOCUMENT_KINDS, isDraftOf, KIND_WORDS } from '../document-kinds.ts';
import { isBadQuery, readOne, readPage, selectFor, withSelectableCollections } from '../lists.ts';
import {
  DOCUMENT_FIELDS,
  DocumentRow,
  PLAIN_DOCUMENT_FIELDS,
  PlainDocumentRow,
  toDocument,
} from '../mappers/any-document.ts';
import { allOf, compare, integer, one, text } from '../odata.ts';

type DocumentSet = (typeof DOCUMENT_KINDS)[ErpDocumentKind]['set'] | 'Drafts';

const MOST_WITH_ONE_KEY = 20;

export function setOf({ kind, isDraft }: Pick<ErpDocumentRef, 'kind' | 'isDraft'>): DocumentSet {
  return isDraft ? 'Drafts' : DOCUMENT_KINDS[kind].set;
}

/** @throws {NotFoundError} also for a draft that is one of another kind */
export async function getDocument(company: SapCompany, ref: ErpDocumentRef, lane?: Lane): Promise<ErpDocument> {
  const { kind, isDraft, docEntry } = ref;
  try {
    const row = await withKeyIfKnown((fields, schema) =>
      withSelectableCollections(company, () =>
        company.read(
          () => ({ method: 'GET', target: one(setOf(ref), integer(docEntry), selectFor(company, fields)) }),
          (answer) => readOne(answer, schema),
          lane,
        ),
      ),
    );
    if (!isOfKind(ref, row)) throw gone(ref);
    return toDocument(row, kind, isDraft, company.access.localCurrency);
  } catch (error) {
    if (error instanceof RejectedError && error.code === '-2028') throw gone(ref, error);
    throw error;
  }
}

function gone({ kind, isDraft, docEntry }: ErpDocumentRef, cause?: unknown): NotFoundError {
  const what = isDraft ? `draft of a ${KIND_WORDS[kind]}` : KIND_WORDS[kind];
  return new NotFoundError(`SAP has no ${what} with the internal number ${docEntry} any more.`, { cause });
}

/** Drafts are asked for first: one that becomes a document between the two questions is then seen at least once. */
export async function findDocumentsByKey(
  company: SapCompany,
  kind: ErpDocumentKind,
  key: string,
): Promise<readonly ErpDocument[]> {
  const drafts = await readWithKey(company, { kind, isDraft: true }, key);
  const documents = await readWithKey(company, { kind, isDraft: false }, key);
  const waiting =
    documents.length === 0
      ? drafts
      : drafts.filter(({ approval, status }) => approval !== 'generated' && status === 'open');
  return [...documents, ...waiting];
}

async function readWithKey(
  company: SapCompany,
  of: Pick<ErpDocumentRef, 'kind' | 'isDraft'>,
  key: string,
): Promise<readonly ErpDocument[]> {
  const query = {
    select: DOCUMENT_FIELDS,
    filter: compare<DocumentSet>('U_PD_Key', 'eq', text(key)),
    orderBy: ['DocEntry'],
    top: MOST_WITH_ONE_KEY,
  } as const;
  const { rows } = await readPage(company, setOf(of), query, DocumentRow, 'lookup');
  return rows
    .filter((row) => isOfKind(of, row))
    .map((row) => toDocument(row, of.kind, of.isDraft, company.access.localCurrency));
}

/** Drafts of all kinds stand in one set. */
function isOfKind({ kind, isDraft }: Pick<ErpDocumentRef, 'kind' | 'isDraft'>, row: PlainDocumentRow): boolean {
  return !isDraft || isDraftOf(kind, row.DocObjectCode);
}

export async function listDocumentsOf(
  company: SapCompany,
  kind: ErpDocumentKind,
  cardCode: string,
  afterEntry: number,
  limit: number,
): Promise<Page<ErpDocument>> {
  const filter = allOf<DocumentSet>(
    compare<DocumentSet>('CardCode', 'eq', text(cardCode)),
    compare<DocumentSet>('DocEntry', 'gt', integer(afterEntry)),
  );
  const { rows, more } = await withKeyIfKnown((select, schema) =>
    readPage(company, DOCUMENT_KINDS[kind].set, { select, filter, orderBy: ['DocEntry'], top: limit }, schema),
  );
  return { rows: rows.map((row) => toDocument(row, kind, false, company.access.localCurrency)), done: !more };
}

type Fields = typeof DOCUMENT_FIELDS;
type Schema = typeof PlainDocumentRow | typeof DocumentRow;

/** A company without the key field refuses to be asked for it. */
async function withKeyIfKnown<T>(read: (fields: Fields, schema: Schema) => Promise<T>): Promise<T> {
  try {
    return await read(DOCUMENT_FIELDS, DocumentRow);
  } catch (error) {
    if (!isBadQuery(error) || !error.words.includes('U_PD_Key')) throw error;
    return read(PLAIN_DOCUMENT_FIELDS, PlainDocumentRow);
  }
}
