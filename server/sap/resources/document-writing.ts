import type {
  ErpCopy,
  ErpDocument,
  ErpDocumentKind,
  ErpDocumentRef,
  NewErpDocument,
} from '../../app/ports/erp-documents.ts';
import {
  AppError,
  ConflictError,
  InvalidInputError,
  NotFoundError,
  OutcomeUnknownError,
  RejectedError,
} from '../../kernel/errors.ts';
import { compare as compareAmounts } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import { DOCUMENT_KINDS, KIND_WORDS } from '../document-kinds.ts';
import { ifVersion } from '../etag.ts';
import { copyBody, type DocumentBody, documentBody, draftBody } from '../mappers/document-body.ts';
import { integer, keyed } from '../odata.ts';
import { findDocumentsByKey, getDocument, setOf } from './document-reading.ts';
import { createOnce } from './keyed-write.ts';
import { writeGuarded } from './ledger.ts';

interface Target {
  readonly kind: ErpDocumentKind;
  readonly asDraft: boolean;
}

export function createDocument(
  company: SapCompany,
  target: Target,
  document: NewErpDocument,
  key: string,
): Promise<ErpDocument> {
  return post(company, target, documentBody(document), key);
}

/** @throws {ConflictError} {InvalidInputError} before anything is sent */
export async function copyDocument(company: SapCompany, copy: ErpCopy, key: string): Promise<ErpDocument> {
  const { from, to } = copy;
  if (from.isDraft || !DOCUMENT_KINDS[to].copiedFrom.includes(from.kind)) {
    const what = from.isDraft ? 'a draft' : `a ${KIND_WORDS[from.kind]}`;
    const message = `SAP makes no ${KIND_WORDS[to]} from ${what}.`;
    throw new InvalidInputError([{ code: 'cannot_be_copied', message }]);
  }
  const base = await getDocument(company, from);
  if (base.status !== 'open') {
    throw new ConflictError(`The ${KIND_WORDS[from.kind]} ${base.docNum} is not open in SAP any more.`);
  }
  return post(company, { kind: to, asDraft: false }, copyBody(base, copy, linesToCopy(base, copy)), key);
}

function linesToCopy(base: ErpDocument, { quantities }: ErpCopy) {
  const open = base.lines.filter((line) => line.open && compareAmounts(line.openQuantity, '0') > 0);
  const wanted = quantities ?? open.map(({ lineNum, openQuantity }) => ({ lineNum, quantity: openQuantity }));
  if (wanted.length === 0) throw new ConflictError(`Nothing of ${KIND_WORDS[base.kind]} ${base.docNum} is open.`);
  for (const { lineNum, quantity } of wanted) {
    const line = open.find((one) => one.lineNum === lineNum);
    if (!line || compareAmounts(quantity, line.openQuantity) > 0) {
      const left = line ? `only ${line.openQuantity} of line ${lineNum + 1} are` : `line ${lineNum + 1} is not`;
      throw new ConflictError(`In ${KIND_WORDS[base.kind]} ${base.docNum} ${left} open.`);
    }
  }
  return wanted;
}

async function post(company: SapCompany, target: Target, body: DocumentBody, key: string): Promise<ErpDocument> {
  const { kind, asDraft } = target;
  const set = setOf({ kind, isDraft: asDraft });
  const text = JSON.stringify({ ...(asDraft ? draftBody(kind, body) : body), U_PD_Key: key });
  const find = async () => {
    const found = await findDocumentsByKey(company, kind, key);
    return found.find(({ status }) => status !== 'cancelled') ?? found[0];
  };
  const guarded = await writeGuarded(company, { target: set, body: text, key, find });
  if (guarded !== 'send_alone' && 'found' in guarded) return guarded.found;
  const request = { method: 'POST', target: set, headers: { prefer: 'return-no-content' }, body: text } as const;
  return createOnce({
    send: async () => (guarded === 'send_alone' ? company.write(request) : guarded.answer),
    find,
    readBack: (docEntry) => readOwn(company, { kind, isDraft: asDraft, docEntry }, key),
  });
}

/** Where SAP points to counts only when our key stands there. */
async function readOwn(company: SapCompany, ref: ErpDocumentRef, key: string): Promise<ErpDocument | undefined> {
  try {
    const document = await getDocument(company, ref, 'lookup');
    return document.key === key ? document : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

export function closeDocument(company: SapCompany, ref: ErpDocumentRef, version: number | null): Promise<ErpDocument> {
  if (ref.isDraft || !DOCUMENT_KINDS[ref.kind].closable) throw cannot('closed', ref);
  return act(company, ref, 'Close', version, ({ status }) => status !== 'open');
}

export function cancelDocument(company: SapCompany, ref: ErpDocumentRef, version: number | null): Promise<ErpDocument> {
  if (ref.isDraft || !DOCUMENT_KINDS[ref.kind].cancellable) throw cannot('cancelled', ref);
  return act(company, ref, 'Cancel', version, ({ status }) => status === 'cancelled');
}

function cannot(what: string, { kind, isDraft }: ErpDocumentRef): ConflictError {
  return new ConflictError(`A ${isDraft ? 'draft' : KIND_WORDS[kind]} cannot be ${what} from here. Do it in SAP.`);
}

/** Whatever SAP answers, where the document stands afterwards is what counts. */
async function act(
  company: SapCompany,
  ref: ErpDocumentRef,
  action: 'Close' | 'Cancel',
  version: number | null,
  isReached: (document: ErpDocument) => boolean,
): Promise<ErpDocument> {
  try {
    const headers = version === null ? {} : ifVersion(version);
    await company.write({ method: 'POST', target: `${keyed(setOf(ref), integer(ref.docEntry))}/${action}`, headers });
  } catch (error) {
    if (!(error instanceof RejectedError || error instanceof OutcomeUnknownError)) throw error;
    const now = await getDocument(company, ref, 'lookup').catch(() => undefined);
    if (now && isReached(now)) return now;
    throw error instanceof RejectedError && error.code === '-2039' ? changedMeanwhile(ref, error) : error;
  }
  return getDocument(company, ref, 'lookup');
}

function changedMeanwhile({ kind }: ErpDocumentRef, cause: unknown): ConflictError {
  return new ConflictError(`Somebody has changed the ${KIND_WORDS[kind]} in SAP meanwhile. Look at it again.`, {
    cause,
  });
}

/** @throws {ConflictError} it is there and does not carry the key */
export async function removeDraft(company: SapCompany, docEntry: number, key: string): Promise<void> {
  const ref: ErpDocumentRef = { kind: 'order', isDraft: true, docEntry };
  const draft = await getDocument(company, ref).catch(undefinedWhenGone);
  if (!draft) return;
  if (draft.key !== key) throw new ConflictError(`Draft ${draft.docNum} in SAP is not one of ours.`);
  try {
    await company.write({ method: 'DELETE', target: keyed('Drafts', integer(docEntry)) });
  } catch (error) {
    if (!(error instanceof RejectedError || error instanceof OutcomeUnknownError)) throw error;
    if (await getDocument(company, ref, 'lookup').then(undefinedWhenThere, isGone)) return;
    throw error;
  }
}

function undefinedWhenGone(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}

const undefinedWhenThere = (): boolean => false;
const isGone = (error: unknown): boolean => error instanceof NotFoundError;
