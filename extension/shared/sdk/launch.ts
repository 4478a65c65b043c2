export type Theme = 'light' | 'dark';

/** The record whose panel this is. */
export interface Subject {
  readonly resource: 'deal' | 'organization' | 'person';
  readonly id: number;
}

export interface Launch {
  /** The signed token Pipedrive put into the address; used once, for the first calls. */
  readonly token: string | null;
  readonly theme: Theme;
  /** Null on the settings page, or when the address names no single record. */
  readonly subject: Subject | null;
}

interface LaunchWindow {
  readonly location: { readonly href: string };
  readonly history: { readonly state: unknown; replaceState(state: unknown, unused: string, url: string): void };
}

/**
 * Reads what Pipedrive appended to the page's address and takes the token out of it at once, so that it stays in no
 * history entry and no referrer. The rest stays: the SDK reads `id` and `theme` from the address, also after a reload.
 */
export function takeLaunch(window: LaunchWindow): Launch {
  const url = new URL(window.location.href);
  const launch = readLaunch(url.searchParams);
  if (url.searchParams.has('token')) {
    url.searchParams.delete('token');
    window.history.replaceState(window.history.state, '', url.href);
  }
  return launch;
}

export function readLaunch(query: URLSearchParams): Launch {
  return {
    token: query.get('token') || null,
    theme: query.get('theme') === 'dark' ? 'dark' : 'light',
    subject: readSubject(query),
  };
}

function readSubject(query: URLSearchParams): Subject | null {
  const resource = query.get('resource');
  const id = readId(query.get('selectedIds'));
  if (id === null) return null;
  return resource === 'deal' || resource === 'organization' || resource === 'person' ? { resource, id } : null;
}

function readId(text: string | null): number | null {
  if (text === null || !/^\d{1,16}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
