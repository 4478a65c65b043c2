import { useQuery } from '@tanstack/react-query';
import { ApiError } from '../../shared/api/api-error.ts';
import { useRuntime, useVisible } from '../../shared/runtime/runtime.ts';
import { FailureNotice } from '../../shared/ui/failure-view.tsx';
import { CheckIcon } from '../../shared/ui/icons.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';
import { removalQuery } from './removal-query.ts';

const POLL_MS = 2_000;

const WORDS = { waiting: 'waits', done: 'done', left: 'given up' } as const;

/**
 * In place of the settings, while everything is being removed and once it is. Then the server alone knows what had to be left
 * undone: it says so in place of every answer.
 */
export function RemovalPage() {
  const { api } = useRuntime();
  const visible = useVisible();
  const { data, error, isFetching, refetch } = useQuery({
    ...removalQuery(api),
    retry: false,
    refetchInterval: ({ state }) => (visible && !isOver(state.error) ? POLL_MS : false),
  });
  const heading = useFocusOnArrival<HTMLHeadingElement>();
  const over = isOver(error);
  return (
    <main>
      <h1 ref={heading} tabIndex={-1}>
        {over ? 'Everything has been removed' : 'Removing this app’s data'}
      </h1>
      <p role="status">
        {over
          ? `${error?.message ?? ''} This page can be closed.`
          : 'This goes on by itself, also when this page is closed. It takes a minute, or up to a quarter of an hour where Pipedrive or SAP do not answer.'}
      </p>
      {error && !over ? <FailureNotice error={error} onRetry={() => void refetch()} retrying={isFetching} /> : null}
      <ul className="plain">
        {over
          ? null
          : data?.steps.map(({ step, state, sentence }) => (
              <li key={step}>
                {state === 'done' ? <CheckIcon /> : null} {sentence} <span className="soft">{WORDS[state]}</span>
              </li>
            ))}
      </ul>
    </main>
  );
}

/** There is no company to ask for any more, or nobody who has installed the app in it. */
function isOver(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'not_found' || error.kind === 'forbidden');
}
