import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { SettingsAnswer } from '../../../server/contract/settings.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { Button, OutsideLink } from '../../shared/ui/button.tsx';
import { FailureNotice } from '../../shared/ui/failure-view.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { DownloadPart } from './download-part.tsx';
import { RemovalForm } from './removal-form.tsx';
import { removalQuery } from './removal-query.ts';

const PAGES = [
  { path: '/privacy', label: 'Privacy' },
  { path: '/terms', label: 'Terms' },
  { path: '/support', label: 'Support' },
] as const;

/** What an admin may do with everything that is stored, and where it says what that is. */
export function DataSection({ view, onRemoving }: { view: Pick<SettingsAnswer, 'mayChange'>; onRemoving: () => void }) {
  return (
    <section aria-label="Your data">
      <h2>Your data</h2>
      {view.mayChange ? <ForAdmins onRemoving={onRemoving} /> : null}
      <p className="soft small">
        {PAGES.map(({ path, label }, index) => (
          <span key={path}>
            {index === 0 ? null : ' · '}
            <OutsideLink href={`${window.location.origin}${path}`}>{label}</OutsideLink>
          </span>
        ))}
      </p>
    </section>
  );
}

function ForAdmins({ onRemoving }: { onRemoving: () => void }) {
  const { api } = useRuntime();
  const [open, setOpen] = useState(false);
  const { data, error, isFetching, refetch } = useQuery(removalQuery(api));
  const running = data?.state === 'running';
  // Another admin may have begun it.
  useEffect(() => {
    if (running) onRemoving();
  }, [running, onRemoving]);
  return (
    <>
      <p className="soft">
        What this app stores about your company, without passwords, tokens and the raw text of notifications.
      </p>
      <div className="buttons">
        <DownloadPart />
        <Button kind={open ? 'second' : 'danger'} onPress={() => setOpen(!open)}>
          {open ? 'Keep the data' : 'Remove this app’s data…'}
        </Button>
      </div>
      {open && data ? <RemovalForm companyName={data.companyName} onRemoving={onRemoving} /> : null}
      {open && !data ? (
        error ? (
          <FailureNotice error={error} onRetry={() => void refetch()} retrying={isFetching} />
        ) : (
          <Skeleton says="Reading what would be removed" blocks={['rows']} />
        )
      ) : null}
    </>
  );
}
