import type { OrganizationPanelView } from '../../../server/contract/panel.ts';
import { formatMoney } from '../../shared/format/figures.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Chip } from '../../shared/ui/notice.tsx';

/** Each leads to its deal, where it can be sent. */
export function UnsentDeals({
  unsentDeals: deals,
  moreDeals,
}: Pick<OrganizationPanelView, 'unsentDeals' | 'moreDeals'>) {
  const { host } = useRuntime();
  return (
    <section aria-label="Deals not in SAP yet">
      <h2>Deals not in SAP yet</h2>
      {deals.length === 0 ? (
        <p className="soft">
          {moreDeals
            ? 'None of the newest 500 open and won deals.'
            : 'None: every open and won deal is in SAP, or there is no deal.'}
        </p>
      ) : (
        <ul className="lines">
          {deals.map(({ dealId, title, status, value }) => (
            <li className="line" key={dealId}>
              <span className="name">
                <Button
                  kind="quiet"
                  onPress={() => void host.open({ resource: 'deal', id: dealId }).catch(() => undefined)}
                >
                  {title}
                </Button>
              </span>
              <span className="num">{value ? formatMoney(value) : 'Value not known'}</span>
              <span className="detail">
                <span>{status === 'won' ? 'Won, not sent' : 'Open'}</span>
              </span>
              <span className="chips">{status === 'won' ? <Chip tone="warning">To send</Chip> : null}</span>
            </li>
          ))}
        </ul>
      )}
      {moreDeals ? (
        <p className="note">
          Only the newest 500 open and won deals are looked at. Open an older deal to see whether it is in SAP.
        </p>
      ) : null}
    </section>
  );
}
