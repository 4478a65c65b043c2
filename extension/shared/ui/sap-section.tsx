import { type ReactNode, useId } from 'react';
import type { Section } from '../../../server/contract/common.ts';
import { useRuntime } from '../runtime/runtime.ts';
import { Age } from './age.tsx';
import { Button } from './button.tsx';

interface SapSectionProps<T> {
  /** Null: the content is its own heading; `name` is what a screen reader hears. */
  readonly title: ((data: T | null) => ReactNode) | null;
  readonly name: string;
  readonly section: Section<T>;
  readonly onRetry: () => void;
  /** True: a section above has given the same reason already. */
  readonly repeats?: boolean;
  readonly children: (data: T) => ReactNode;
}

/** One part of a panel with a face for each of its states. */
export function SapSection<T>({ title, name, section, onRetry, repeats = false, children }: SapSectionProps<T>) {
  const headingId = useId();
  const data = 'data' in section ? section.data : null;
  const labelled = title === null && data !== null ? { 'aria-label': name } : { 'aria-labelledby': headingId };
  return (
    <section {...labelled}>
      {title === null && data !== null ? null : (
        <h2>
          <span id={headingId}>{title === null ? name : title(data)}</span>
          {'asOf' in section ? <Age asOf={section.asOf} live={section.status === 'ready'} /> : null}
        </h2>
      )}
      <Body section={section} onRetry={onRetry} repeats={repeats} ageless={title === null}>
        {children}
      </Body>
    </section>
  );
}

type BodyProps<T> = Pick<SapSectionProps<T>, 'section' | 'onRetry' | 'children'> & {
  readonly repeats: boolean;
  /** There is no heading with the figures' age. */
  readonly ageless: boolean;
};

function Body<T>({ section, onRetry, repeats, ageless, children }: BodyProps<T>) {
  const { host } = useRuntime();
  switch (section.status) {
    case 'ready':
      return children(section.data);
    case 'stale':
      return (
        <>
          {repeats ? null : (
            <p className="note old">
              {section.reason}
              {ageless ? (
                <>
                  {' '}
                  (<Age asOf={section.asOf} live={false} />)
                </>
              ) : null}
            </p>
          )}
          {children(section.data)}
        </>
      );
    case 'unavailable':
      return (
        <p className="face">
          <span>{section.reason}</span>
          {repeats ? null : (
            <Button kind="quiet" onPress={onRetry}>
              Try again
            </Button>
          )}
        </p>
      );
    case 'not_linked':
      return (
        <p className="face">
          <span>{section.reason}</span>
          <Button kind="quiet" onPress={() => void host.open({ resource: 'settings' }).catch(() => undefined)}>
            Open settings
          </Button>
        </p>
      );
  }
}
