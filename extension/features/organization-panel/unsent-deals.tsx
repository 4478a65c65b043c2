import type { OrganizationPanelView } from '../../../server/contract/panel.ts';
import { formatMoney } from '../../shared/format/figures.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Chip } from '../../shared/ui/notice.tsx';

/** Each leads to its deal, where it can be sent. */
export function UnsentDeals({ deals }: { deals: OrganizationPanelView['unsentDeals'] }) {
  const { host } = useRuntime();
  return (
    <section aria-label="Deals not in SAP yet">
      <h2>Deals not in SAP yet</h2>
      {deals.length === 0 ? (
        <p className="soft">None: every open and won deal is in SAP, or there is no deal.</p>
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
              <span className="num">{formatMoney(value)}</span>
              <span className="detail">
                <span>{status === 'won' ? 'Won, not sent' : 'Open'}</span>
              </span>
              <span className="chips">{status === 'won' ? <Chip tone="warning">To send</Chip> : null}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
