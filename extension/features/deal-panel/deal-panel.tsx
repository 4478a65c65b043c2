import type { DealPanelView } from '../../../server/contract/panel.ts';
import { isDealPanel } from '../../shared/api/panel-answers.ts';
import { usePanelQuery } from '../../shared/runtime/use-panel-query.ts';
import { BalanceSection } from '../../shared/sap-sections/balance-section.tsx';
import { CreditSection } from '../../shared/sap-sections/credit-section.tsx';
import { CustomerSection } from '../../shared/sap-sections/customer-section.tsx';
import { repeatedReasons, repeatsNotLinked } from '../../shared/sap-sections/repeats.ts';
import { Verdict } from '../../shared/sap-sections/verdict.tsx';
import { FailureNotice, FailurePage } from '../../shared/ui/failure-view.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { DocumentsSection } from './documents-section.tsx';
import { dealPanelKey } from './keys.ts';
import { LinesSection } from './lines-section.tsx';
import { SendBar } from './send-bar.tsx';

/** May this deal be shipped, does the customer's credit allow it, and the button that sends it to SAP. */
export function DealPanel({ dealId }: { dealId: number }) {
  const { data, error, isFetching, refetch, refresh } = usePanelQuery(
    dealPanelKey(dealId),
    `/api/panel/deals/${dealId}`,
    isDealPanel,
  );
  const retry = () => void refetch();
  if (!data) {
    return (
      <main>
        {error ? (
          <FailurePage error={error} onRetry={retry} retrying={isFetching} />
        ) : (
          <Skeleton says="Reading SAP" blocks={['verdict', 'customer', 'credit', 'lines', 'documents', 'balance']} />
        )}
      </main>
    );
  }
  return (
    <>
      <main>
        {error ? <FailureNotice error={error} onRetry={retry} retrying={isFetching} /> : null}
        <Sections view={data} onRetry={retry} />
      </main>
      <SendBar dealId={dealId} view={data} refreshing={isFetching} onRefresh={refresh} />
    </>
  );
}

function Sections({ view, onRetry }: { view: DealPanelView; onRetry: () => void }) {
  const { customer, credit, lines, balance } = view;
  const [, repeatsCredit = false, repeatsLines = false, repeatsBalance = false] = repeatedReasons([
    customer,
    credit,
    lines,
    balance,
  ]);
  return (
    <>
      <Verdict verdict={view.verdict} customer={customer} />
      <CustomerSection customer={customer} onRetry={onRetry} repeats={false} />
      {repeatsNotLinked(customer, credit) ? null : (
        <CreditSection credit={credit} onRetry={onRetry} repeats={repeatsCredit} />
      )}
      {repeatsNotLinked(customer, lines) ? null : (
        <LinesSection lines={lines} onRetry={onRetry} repeats={repeatsLines} />
      )}
      <DocumentsSection handoffs={view.handoffs} send={view.send} />
      {repeatsNotLinked(customer, balance) ? null : (
        <BalanceSection balance={balance} onRetry={onRetry} repeats={repeatsBalance} />
      )}
    </>
  );
}
