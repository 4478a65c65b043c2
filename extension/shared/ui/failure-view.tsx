import { useEffect, useRef } from 'react';
import { describeFailure, type Failure } from '../api/failure.ts';
import { formatWait } from '../format/times.ts';
import { useRuntime, useServerNow } from '../runtime/runtime.ts';
import { Button, OutsideLink } from './button.tsx';
import { Notice } from './notice.tsx';
import { ProblemList } from './problem-list.tsx';

interface FailureProps {
  readonly error: unknown;
  readonly onRetry: () => void;
  /** True while the retry runs. */
  readonly retrying: boolean;
}

interface FailurePageProps extends FailureProps {
  /** `h1` where the page has no other heading. */
  readonly heading?: 'h1' | 'h2';
}

/** In place of a whole page: what is wrong, and the one thing to do about it. */
export function FailurePage({ heading: Heading = 'h2', ...props }: FailurePageProps) {
  const failure = describeFailure(props.error);
  return (
    <div className="failure" role="alert">
      <Heading>{failure.title}</Heading>
      <Details failure={failure} />
      <Remedy failure={failure} {...props} />
    </div>
  );
}

interface FormFailureProps {
  readonly error: unknown;
  /** Fields that show their own problem. */
  readonly fields?: readonly string[];
}

/** Beside a button that can be pressed again: only what is wrong, and nothing where the fields say it all. */
export function FormFailure({ error, fields = [] }: FormFailureProps) {
  const failure = describeFailure(error);
  const problems = failure.problems.filter(({ at }) => at === undefined || !fields.includes(at));
  if (problems.length === 0 && failure.problems.length > 0) return null;
  return (
    <div role="alert">
      <Notice tone="warning" title={failure.title}>
        <Details failure={{ ...failure, problems }} />
      </Notice>
    </div>
  );
}

/** What is wrong with one field of a form. */
export function problemAt(error: unknown, field: string): string | null {
  if (error === null || error === undefined) return null;
  const message = describeFailure(error).problems.find(({ at }) => at === field)?.message ?? null;
  // Where a value breaks the contract, the server puts the field's name first; here the label says it.
  const name = `${field}: `;
  return message?.startsWith(name) ? message.slice(name.length) : message;
}

/** Above figures that are still shown. */
export function FailureNotice(props: FailureProps) {
  const failure = describeFailure(props.error);
  return (
    <div role="alert">
      <Notice tone="warning" title={failure.title}>
        <Details failure={failure} />
        <Remedy failure={failure} {...props} />
      </Notice>
    </div>
  );
}

function Details({ failure }: { failure: Failure }) {
  return (
    <>
      <p>{failure.sentence}</p>
      <ProblemList problems={failure.problems} />
      {failure.requestId === null ? null : <p className="soft small">Number for support: {failure.requestId}</p>}
    </>
  );
}

function Remedy({ failure, onRetry, retrying }: { failure: Failure } & FailureProps) {
  const { host } = useRuntime();
  if (failure.retryAt !== null) return <RetryLater retryAt={failure.retryAt} onRetry={onRetry} retrying={retrying} />;
  switch (failure.remedy) {
    case 'retry':
      return (
        <Button off={retrying} onPress={onRetry}>
          {retrying ? 'Trying…' : 'Try again'}
        </Button>
      );
    case 'reload':
      return <Button onPress={() => window.location.reload()}>Reload</Button>;
    case 'settings':
      return (
        <Button onPress={() => void host.open({ resource: 'settings' }).catch(() => undefined)}>Open settings</Button>
      );
    case 'install':
      return (
        <div className="buttons">
          <OutsideLink href={`${window.location.origin}/oauth/install`} look="primary">
            Install the app again
          </OutsideLink>
          <Button off={retrying} onPress={onRetry}>
            {retrying ? 'Trying…' : 'Try again'}
          </Button>
        </div>
      );
    case 'none':
      return null;
  }
}

/** Waits as long as it was told to, then tries by itself. */
function RetryLater({ retryAt, onRetry, retrying }: Omit<FailureProps, 'error'> & { retryAt: string }) {
  const wait = Date.parse(retryAt) - useServerNow();
  const tried = useRef<string | null>(null);
  useEffect(() => {
    if (wait > 0 || tried.current === retryAt) return;
    tried.current = retryAt;
    onRetry();
  }, [wait, retryAt, onRetry]);
  return <p className="soft">{retrying || wait <= 0 ? 'Trying again…' : `Trying again ${formatWait(wait)}`}</p>;
}
