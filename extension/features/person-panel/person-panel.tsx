import type { ReactNode } from 'react';
import type { OrganizationPanelView } from '../../../server/contract/panel.ts';
import { isPersonPanel } from '../../shared/api/panel-answers.ts';
import { usePanelQuery } from '../../shared/runtime/use-panel-query.ts';
import { FailureNotice, FailurePage } from '../../shared/ui/failure-view.tsx';
import { RefreshButton } from '../../shared/ui/refresh-button.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';

interface PersonPanelProps {
  readonly personId: number;
  readonly showOrganization: (view: OrganizationPanelView, onRetry: () => void) => ReactNode;
}

/** A person shows its organization: SAP knows companies. */
export function PersonPanel({ personId, showOrganization }: PersonPanelProps) {
  const { data, error, isFetching, refetch, refresh } = usePanelQuery(
    ['person-panel', personId],
    `/api/panel/persons/${personId}`,
    isPersonPanel,
  );
  const retry = () => void refetch();
  if (!data) {
    return (
      <main>
        {error ? (
          <FailurePage error={error} onRetry={retry} retrying={isFetching} />
        ) : (
          <Skeleton says="Reading SAP" blocks={['verdict', 'customer', 'credit', 'balance']} />
        )}
      </main>
    );
  }
  return (
    <>
      <main>
        {error ? <FailureNotice error={error} onRetry={retry} retrying={isFetching} /> : null}
        {data.organization ? (
          <>
            <p className="belongs soft">Figures of {data.organization.name}</p>
            {showOrganization(data.organization, retry)}
          </>
        ) : (
          <div className="failure">
            <h2>No organization</h2>
            <p>
              SAP’s figures belong to a company. Link this person to its organization in Pipedrive, then read them again
              here.
            </p>
          </div>
        )}
      </main>
      <footer>
        <div className="actions">
          <RefreshButton refreshing={isFetching} onPress={refresh} words />
        </div>
      </footer>
    </>
  );
}
