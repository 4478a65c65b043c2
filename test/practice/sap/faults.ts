import type { OddBody } from './http/odd-bodies.ts';
import type { SlResponse } from './messages.ts';

/** Ways in which the practice SAP can misbehave. */
export type SapFaultKind =
  /** Carried out; the connection is cut before the answer. */
  | 'drop_after_commit'
  /** The connection is cut and nothing is done. */
  | 'drop_before'
  /** The connection is cut at once; carried out when the clock has moved by `delayMs`. */
  | 'late_commit'
  /** Carried out; a proxy answers 502 with a page. */
  | 'html_502_after_commit'
  | 'html_502_before'
  /** Carried out; 500 with no body. */
  | 'empty_500_after_commit'
  /** As a crashed node: 500 with no body, and nothing is done. */
  | 'empty_500_before'
  /** A gateway's page with status 200 instead of the answer; nothing is done. */
  | 'html_200'
  /** The same, carried out. */
  | 'html_200_after_commit'
  /** Refused with `code` and `message`, but with status 200; nothing is done. */
  | 'error_with_200'
  /** Carried out; its own status, without a body. */
  | 'empty_body'
  /** `meanwhile` runs first, as if somebody were quicker; then the request is carried out as usual. */
  | 'meanwhile'
  /** Carried out; what is answered goes through `rewrite`. `bad-answers.ts` has ready-made ones. */
  | 'rewrite'
  /** Carried out; the body goes wrong on the wire in the way of `body`. */
  | 'odd_body'
  /** 401 code 301, and the session is gone. */
  | 'session_lost'
  /** 500 code 305: the company switch failed; nothing is done. */
  | 'switch_company_305'
  /** Carried out; the answer is held until `release()` or until the client gives up. */
  | 'slow'
  /** Refused with `code` and `message`; nothing is done. */
  | 'reject'
  /** Nothing is done and no answer ever comes. */
  | 'hang';

export interface SapFault {
  readonly kind: SapFaultKind;
  /** GET, POST, …; every method where it is left out. */
  readonly method?: string;
  /** Tried against the path below the service root with its query, decoded; also `Login` and `$batch`. Everything where left out. */
  readonly path?: RegExp;
  /** Company database; every one where it is left out. */
  readonly company?: string;
  /** How often it strikes; once where it is left out. */
  readonly times?: number;
  /** How many matching requests pass first. */
  readonly skip?: number;
  /** For `late_commit`; 60 s where it is left out. */
  readonly delayMs?: number;
  /** For `reject` and `error_with_200`. HTTP status is 400 where it is left out. */
  readonly status?: number;
  readonly code?: number;
  readonly message?: string;
  /** For `meanwhile`. */
  readonly meanwhile?: () => void;
  /** For `rewrite`. */
  readonly rewrite?: (answer: SlResponse) => SlResponse;
  /** For `odd_body`; truncated where it is left out. */
  readonly body?: OddBody;
}

export interface PlantedFault {
  /** How often it has struck. */
  hits(): number;
  /** Lets held answers go (kind `slow`) and stops striking. */
  release(): void;
  remove(): void;
}

/** A fault that strikes one request. */
export interface StruckFault {
  readonly fault: SapFault;
  /** Resolves when `release()` is called. */
  readonly released: Promise<void>;
}

export interface SapFaults {
  add(fault: SapFault): PlantedFault;
  clear(): void;
  /** The fault that strikes this request, if one does; that uses it up once. */
  strike(request: {
    readonly method: string;
    readonly path: string;
    readonly company: string | undefined;
  }): StruckFault | undefined;
}

interface Planted {
  readonly fault: SapFault;
  left: number;
  toSkip: number;
  hits: number;
  readonly released: Promise<void>;
  readonly release: () => void;
}

export function createFaults(): SapFaults {
  let planted: Planted[] = [];

  function remove(entry: Planted): void {
    planted = planted.filter((other) => other !== entry);
    entry.release();
  }

  return {
    add(fault) {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const entry: Planted = { fault, left: fault.times ?? 1, toSkip: fault.skip ?? 0, hits: 0, released, release };
      planted.push(entry);
      return { hits: () => entry.hits, release: () => remove(entry), remove: () => remove(entry) };
    },
    clear() {
      for (const entry of [...planted]) remove(entry);
    },
    strike({ method, path, company }) {
      for (const entry of planted) {
        const { fault } = entry;
        const fits =
          (fault.method === undefined || fault.method === method) &&
          (fault.path === undefined ||
            new RegExp(fault.path.source, fault.path.flags.replace(/[gy]/g, '')).test(path)) &&
          (fault.company === undefined || fault.company === company);
        if (!fits || entry.left <= 0) continue;
        if (entry.toSkip > 0) {
          entry.toSkip -= 1;
          continue;
        }
        entry.left -= 1;
        entry.hits += 1;
        return { fault, released: entry.released };
      }
      return undefined;
    },
  };
}
