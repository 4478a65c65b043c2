import type { PracticeClock } from '../kernel/clock.ts';
import type { CompanyHandle } from '../pipedrive/company/handle.ts';
import type { GrantStore } from '../pipedrive/oauth/grants.ts';
import type { RegisteredApp } from '../pipedrive/options.ts';
import type { UserRecord } from '../pipedrive/records.ts';

/** What a company's web pages are made from. */
export interface PageHost {
  app: RegisteredApp;
  clock: PracticeClock;
  grants: GrantStore;
  handle: CompanyHandle;
  /** Whom a page without ?as= takes its viewer for; undefined = the first user. */
  lastViewer(): number | undefined;
  /** Where Install leads. */
  installUrl(): string;
  /** The signed token of that user: the same one until it ends. */
  frameToken(userId: number): string;
}

/** Who looks at the page, and how. */
export interface Viewer {
  user: UserRecord;
  theme: 'light' | 'dark';
  strictSizes: boolean;
  initMs: number;
}

/** The query that keeps user and theme on a link. */
export function tail(viewer: Viewer): string {
  return `?as=${viewer.user.id}&theme=${viewer.theme}`;
}

export function viewerOf(host: PageHost, query: URLSearchParams): Viewer | undefined {
  const users = host.handle.users().filter((user) => user.active_flag);
  const wanted = query.get('as');
  const usual = users.find(({ id }) => id === host.lastViewer()) ?? users[0];
  const user = wanted === null ? usual : users.find(({ id }) => String(id) === wanted);
  return (
    user && {
      user,
      theme: query.get('theme') === 'dark' ? 'dark' : 'light',
      strictSizes: query.get('sizes') === 'strict',
      initMs: Number(query.get('initMs') ?? 10_000),
    }
  );
}
