import { z } from 'zod';
import type { HttpAnswer } from './transport.ts';

const Refusal = z.object({
  error: z.unknown().optional(),
  message: z.unknown().optional(),
  errors: z.unknown().optional(),
  error_description: z.unknown().optional(),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  errorCode: z.union([z.string(), z.number()]).optional().catch(undefined),
});

const MAX_WORDS = 300;

/** The body as JSON, or undefined when it is none: a proxy's HTML, half a body, nothing. */
export function jsonOf(answer: HttpAnswer): unknown {
  if (!/^application\/([a-z0-9.+-]+\+)?json\b/i.test(answer.headers['content-type'] ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(answer.text);
    return value;
  } catch {
    return undefined;
  }
}

/** What says of itself that it was refused, whatever its status. */
export function isRefusal(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'success' in json && json.success === false;
}

/** A page for people where JSON was due, as the guard before Pipedrive's API sends it. */
export function isHtml(answer: HttpAnswer): boolean {
  return /\bhtml\b/i.test(answer.headers['content-type'] ?? '') || /^\s*<(!doctype|html)/i.test(answer.text);
}

export interface RefusalWords {
  /** Pipedrive's code, e.g. `feature_capping_deals_limit`, else the HTTP status. */
  readonly code: string;
  /** Its words, shortened; empty when it said nothing readable. */
  readonly words: string;
  /** The one custom field that the words name, by its code of 40 hex digits. */
  readonly field: string | undefined;
}

/** By which Pipedrive's support finds the request (reference pipedrive-api.md, section 2.4). */
export function correlationIdOf(answer: HttpAnswer): string | undefined {
  const id = answer.headers['x-correlation-id']?.replace(/[^\w.:-]/g, '').slice(0, 100);
  return id || undefined;
}

/** Reads any of the shapes in which Pipedrive refuses (reference pipedrive-api.md, section 5.1). */
export function refusalOf(answer: HttpAnswer): RefusalWords {
  const parsed = Refusal.safeParse(jsonOf(answer));
  if (!parsed.success) return { code: String(answer.status), words: '', field: undefined };
  const { error, message, errors, error_description, code, errorCode } = parsed.data;
  const said = [error_description, error, message, errors].map(wordsOf).find((words) => words !== '') ?? '';
  return {
    code: String(code ?? errorCode ?? answer.status).slice(0, 100),
    words: said.length > MAX_WORDS ? `${said.slice(0, MAX_WORDS)}…` : said,
    field: fieldIn(said),
  };
}

/** Two fields in one sentence do not tell which of them is refused. */
function fieldIn(words: string): string | undefined {
  const [field, other] = new Set(words.match(/(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g));
  return other === undefined ? field : undefined;
}

function wordsOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return spell(value)
    .replace(/\p{C}+/gu, ' ')
    .trim();
}

/** Webhooks refuse with an object of lists: `{ subscription_url: ['…'] }`. Nothing deeper is of use. */
function spell(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > 2) return '…';
  if (Array.isArray(value)) return value.map((member) => spell(member, depth + 1)).join(', ');
  return Object.entries(value)
    .map(([name, said]) => `${name}: ${spell(said, depth + 1)}`)
    .join('; ');
}
