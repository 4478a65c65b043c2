import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import type { ApiClient } from '../api/api-client.ts';
import type { ServerTime } from '../api/server-time.ts';
import type { Host } from '../sdk/host.ts';
import type { Visibility } from '../sdk/visibility.ts';

/** What every part of a page works with; made once, when the page starts. */
export interface Runtime {
  readonly host: Host;
  readonly api: ApiClient;
  readonly serverTime: ServerTime;
  readonly visibility: Visibility;
}

export const RuntimeContext = createContext<Runtime | null>(null);

export function useRuntime(): Runtime {
  const runtime = use(RuntimeContext);
  if (!runtime) throw new Error('There is no runtime around this component.');
  return runtime;
}

export function useVisible(): boolean {
  const { visibility } = useRuntime();
  return useSyncExternalStore(visibility.subscribe, visibility.visible);
}

const TICK_MS = 1_000;

/** The server's time, ticking once a second while somebody can see it. */
export function useServerNow(): number {
  const { serverTime } = useRuntime();
  const visible = useVisible();
  const [now, setNow] = useState(serverTime.now);
  useEffect(() => {
    if (!visible) return;
    const tick = () => setNow(serverTime.now());
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [visible, serverTime]);
  return now;
}
