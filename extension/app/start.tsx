import { focusManager, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAccessTokens } from '../shared/api/access-tokens.ts';
import { createApiClient } from '../shared/api/api-client.ts';
import { ApiError } from '../shared/api/api-error.ts';
import { createServerTime } from '../shared/api/server-time.ts';
import { type Runtime, RuntimeContext } from '../shared/runtime/runtime.ts';
import { connectHost } from '../shared/sdk/host.ts';
import { type Launch, type Theme, takeLaunch } from '../shared/sdk/launch.ts';
import { createVisibility } from '../shared/sdk/visibility.ts';
import { FailureBoundary } from '../shared/ui/failure-boundary.tsx';
import { HostGate } from './host-gate.tsx';

const now = () => Date.now();

/**
 * Starts a page: takes the token out of the address, tells Pipedrive at once that we are here, and shows `page` with a
 * skeleton while the first request runs. `height` is what the skeleton needs, in pixels.
 */
export function startPage(height: number, page: (launch: Launch) => ReactNode): void {
  const launch = takeLaunch(window);
  showTheme(launch.theme);
  const runtime = createRuntime(launch, height);
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no root element.');
  createRoot(root).render(
    <StrictMode>
      <FailureBoundary>
        <QueryClientProvider client={createQueryClient(runtime)}>
          <RuntimeContext value={runtime}>
            <HostGate>{page(launch)}</HostGate>
          </RuntimeContext>
        </QueryClientProvider>
      </FailureBoundary>
    </StrictMode>,
  );
}

function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

function createRuntime(launch: Launch, height: number): Runtime {
  const host = connectHost(height);
  host.onTheme(showTheme);
  const visibility = createVisibility(document);
  host.onVisible(visibility.setUnfolded);
  const serverTime = createServerTime(now);
  const tokens = createAccessTokens({ launchToken: launch.token, requestToken: host.signedToken, now: serverTime.now });
  const api = createApiClient({ fetch: (path, init) => fetch(path, init), tokens, serverTime });
  return { host, api, serverTime, visibility };
}

function createQueryClient({ visibility }: Runtime): QueryClient {
  focusManager.setEventListener((handleFocus) => visibility.subscribe(() => handleFocus(visibility.visible())));
  return new QueryClient({
    defaultOptions: {
      // The server keeps its own deadline and says when to come back; only a lost connection is worth a second try.
      queries: {
        networkMode: 'always',
        retry: (failures, error) => failures < 1 && isOffline(error),
        retryDelay: 1_000,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

function isOffline(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'offline';
}
