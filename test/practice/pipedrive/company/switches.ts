import type { CompanyOptions } from '../options.ts';

/** Oddities that are not documented and can be switched per company. */
export interface CompanySwitches {
  /** A changed line also fires change.deal (likely, since the deal's value moves). */
  lineEditsChangeDeal: boolean;
  /** The daily headers are not documented and may be missing: on every answer or on every second one. */
  dailyHeaders: boolean | 'some';
  /** The documented headers of the two-second window. */
  burstHeaders: boolean;
  /** Retry-After on a used-up day. */
  retryAfter: boolean;
  /** What a 429 says: its layout is not documented. */
  limitBody: 'json' | 'text' | 'empty';
  /** Whether a refused call (4xx, 5xx) costs its price. 401, 429 and Cloudflare's block are free. */
  failedCallsCost: boolean;
  /** Whether a call whose connection broke before an answer costs its price. */
  unansweredCallsCost: boolean;
  /** A custom field key that is not there (any more): a 400 that names it, or nothing happens to it. */
  unknownFieldKeys: 'refused' | 'ignored';
  /** A PATCH of a product without prices puts one of 0 in their place, as the description's words allow. */
  patchResetsPrices: boolean;
  /** One wrong line of a bulk addition leaves none of them, or those before it. */
  bulkLinesAtomic: boolean;
  /** Whether `deal_product` may be subscribed to: the guide names it, the official description does not. */
  dealProductHooks: boolean;
  /** GET of one archived deal answers it; otherwise it is reached through its own list only. */
  archivedDealsAnswer: boolean;
  /** Whether the tries of one delivery carry the same event id. */
  eventIdsStay: boolean;
  /** How meta.timestamp is written: the guide's text says seconds, its samples show RFC 3339 with milliseconds. */
  hookTime: 'iso' | 'seconds';
  /** Whether the app may be installed in this company at all. */
  installable: boolean;
  /** A new webhook's address is tried out before it is accepted. */
  probeWebhookTargets: boolean;
  /** Open deals that a seat allows; null = by the plan. */
  openDealsPerSeat: number | null;
  /** 402: trial over or unpaid. */
  closed: boolean;
  /** Search tells what was written this many milliseconds ago (on the clock), also of changes and deletions. */
  searchLagMs: number;
  taxMethod: 'exclusive' | 'inclusive' | 'none';
  /** Set = deliveries carry an HMAC-SHA256 of the body in this header (a gateway that signs). */
  signature: { secret: string; header: string; encoding: 'hex' | 'base64'; prefix: string } | null;
}

export function defaultSwitches(options: CompanyOptions): CompanySwitches {
  return {
    lineEditsChangeDeal: true,
    dailyHeaders: true,
    burstHeaders: true,
    retryAfter: true,
    limitBody: 'json',
    failedCallsCost: true,
    unansweredCallsCost: true,
    unknownFieldKeys: 'refused',
    patchResetsPrices: false,
    bulkLinesAtomic: false,
    dealProductHooks: true,
    archivedDealsAnswer: false,
    eventIdsStay: true,
    hookTime: 'iso',
    installable: true,
    probeWebhookTargets: true,
    openDealsPerSeat: null,
    closed: false,
    searchLagMs: 0,
    taxMethod: options.taxMethod ?? 'exclusive',
    signature: null,
  };
}
