/** One request and what it was answered with, as seen by the practice side. */
export interface LoggedRequest {
  /** Epoch milliseconds on the practice clock. */
  at: number;
  side: 'sap' | 'pipedrive';
  method: string;
  /** With query, decoded as sent. */
  path: string;
  headers: Record<string, string>;
  /** Passwords are masked. */
  body: string;
  /** 0 where the connection was cut before an answer. */
  status: number;
  responseBody: string;
  /** From the User-Agent. */
  client?: string;
}

/** Sent by the app, and not by a browser, a test or the demo: by what it calls itself. */
export function isFromApp(client: string | undefined): boolean {
  return client?.startsWith('Orderline/') ?? false;
}

export interface RequestLog {
  add(entry: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  /** Entries from that index on; use `all().length` as the mark. */
  since(index: number): readonly LoggedRequest[];
  clear(): void;
}

const observers = new Set<(entry: LoggedRequest) => void>();

/** Called with every request that any practice side of this process answers. @returns the way to stop it */
export function observeRequests(observer: (entry: LoggedRequest) => void): () => void {
  observers.add(observer);
  return () => observers.delete(observer);
}

export function createRequestLog(): RequestLog {
  let entries: LoggedRequest[] = [];
  return {
    add: (entry) => {
      entries.push(entry);
      for (const observe of observers) observe(entry);
    },
    all: () => [...entries],
    since: (index) => entries.slice(index),
    clear: () => {
      entries = [];
    },
  };
}
