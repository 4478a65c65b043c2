import type { OrganizationPanelView } from '../../../server/contract/panel.ts';
import { isOrganizationPanel } from '../../shared/api/panel-answers.ts';
import { usePanelQuery } from '../../shared/runtime/use-panel-query.ts';
import { BalanceSection } from '../../shared/sap-sections/balance-section.tsx';
import { CreditSection } from '../../shared/sap-sections/credit-section.tsx';
import { CustomerSection } from '../../shared/sap-sections/customer-section.tsx';
import { repeatedReasons, repeatsNotLinked } from '../../shared/sap-sections/repeats.ts';
import { Verdict } from '../../shared/sap-sections/verdict.tsx';
import { FailureNotice, FailurePage } from '../../shared/ui/failure-view.tsx';
import { RefreshButton } from '../../shared/ui/refresh-button.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { UnsentDeals } from './unsent-deals.tsx';

/** May this customer buy, and what is not in SAP yet. */
export function OrganizationPanel({ organizationId }: { organizationId: number }) {
  const { data, error, isFetching, refetch, refresh } = usePanelQuery(
    ['organization-panel', organizationId],
    `/api/panel/organizations/${organizationId}`,
    isOrganizationPanel,
  );
  const retry = () => void refetch();
  if (!data) {
    return (
      <main>
        {error ? (
          <FailurePage error={error} onRetry={retry} retrying={isFetching} />
        ) : (
          <Skeleton says="Reading SAP" blocks={['verdict', 'customer', 'credit', 'balance', 'documents']} />
        )}
      </main>
    );
  }
  return (
    <>
      <main>
        {error ? <FailureNotice error={error} onRetry={retry} retrying={isFetching} /> : null}
        <OrganizationSections view={data} onRetry={retry} />
      </main>
      <footer>
        <div className="actions">
          <RefreshButton refreshing={isFetching} onPress={refresh} words />
        </div>
      </footer>
    </>
  );
}

export function OrganizationSections({ view, onRetry }: { view: OrganizationPanelView; onRetry: () => void }) {
  const { customer, credit, balance } = view;
  const [, repeatsCredit = false, repeatsBalance = false] = repeatedReasons([customer, credit, balance]);
  return (
    <>
      <Verdict verdict={view.verdict} customer={customer} />
      <CustomerSection customer={customer} onRetry={onRetry} repeats={false} />
      {repeatsNotLinked(customer, credit) ? null : (
        <CreditSection credit={credit} onRetry={onRetry} repeats={repeatsCredit} />
      )}
      {repeatsNotLinked(customer, balance) ? null : (
        <BalanceSection balance={balance} onRetry={onRetry} repeats={repeatsBalance} />
      )}
      <UnsentDeals unsentDeals={view.unsentDeals} moreDeals={view.moreDeals} />
    </>
  );
}
