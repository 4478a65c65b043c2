import { type ReactNode, useEffect, useState } from 'react';
import { useRuntime } from '../shared/runtime/runtime.ts';
import { FailurePage } from '../shared/ui/failure-view.tsx';

/** Shows the page at once; if Pipedrive does not answer, says so instead of staying half alive. */
export function HostGate({ children }: { children: ReactNode }) {
  const { host } = useRuntime();
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    host.started.catch(setFailure);
  }, [host]);
  if (failure === null) return children;
  return (
    <main>
      <FailurePage heading="h1" error={failure} onRetry={() => undefined} retrying={false} />
    </main>
  );
}
