import type { MoneyView, Section } from '../../../server/contract/common.ts';
import type { BalanceView } from '../../../server/contract/panel.ts';
import { countOf, formatCount, formatMoney, isZero, shares } from '../format/figures.ts';
import { formatDay } from '../format/times.ts';
import { Column, type Part } from '../ui/bars.tsx';
import { SapSection } from '../ui/sap-section.tsx';

interface BalanceSectionProps {
  readonly balance: Section<BalanceView>;
  readonly onRetry: () => void;
  readonly repeats: boolean;
}

export function BalanceSection({ balance, onRetry, repeats }: BalanceSectionProps) {
  return (
    <SapSection
      name="Balance"
      title={(data) => (data ? `Balance ${formatMoney(data.balance)}` : 'Balance')}
      section={balance}
      onRetry={onRetry}
      repeats={repeats}
    >
      {(data) => (
        <>
          <Ageing view={data} />
          <OpenInvoices view={data} />
          {isZero(data.otherEntries) ? null : (
            <dl className="legend">
              <dt className="soft">Payments, credits and other entries</dt>
              <dd>{formatMoney(data.otherEntries)}</dd>
            </dl>
          )}
        </>
      )}
    </SapSection>
  );
}

function Ageing({ view }: { view: BalanceView }) {
  const bands: readonly { words: string; value: MoneyView; series: Part['series'] }[] = [
    { words: 'not due', value: view.notDue, series: 'fresh' },
    { words: '1–30 days', value: view.days1To30, series: 'late1' },
    { words: '31–60 days', value: view.days31To60, series: 'late2' },
    { words: 'over 60', value: view.daysOver60, series: 'late3' },
  ];
  if (bands.every(({ value }) => isZero(value))) return null;
  const tallest = bands.reduce((most, { value }) => Math.max(most, Number(value.amount)), 0);
  const heights = shares(
    bands.map(({ value }) => value.amount),
    String(tallest),
  );
  return (
    <ul className="ageing" aria-label="Open invoices by days overdue">
      {bands.map(({ words, value, series }, index) => (
        <li key={series}>
          <Column share={heights[index] ?? 0} series={series} />
          <strong>{formatMoney(value)}</strong>
          <span className="soft">{words}</span>
        </li>
      ))}
    </ul>
  );
}

function OpenInvoices({ view: { openInvoices, invoices } }: { view: BalanceView }) {
  if (openInvoices.count === 0) return <p className="soft">No open invoices.</p>;
  return (
    <details className="invoices">
      <summary>
        <span>{countOf(openInvoices.count, 'open invoice', 'open invoices')}</span>
        <span className="num">{formatMoney(openInvoices.sum)}</span>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Invoice</th>
            <th scope="col">Due</th>
            <th scope="col" className="num">
              Open
            </th>
          </tr>
        </thead>
        <tbody>
          {invoices.map((invoice) => (
            <tr key={invoice.docNum}>
              <td>{invoice.docNum}</td>
              <td>
                {formatDay(invoice.dueDate)}
                {invoice.daysOverdue > 0 ? (
                  <span className="late"> · {countOf(invoice.daysOverdue, 'day', 'days')} late</span>
                ) : null}
              </td>
              <td className="num">{formatMoney(invoice.open)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {invoices.length < openInvoices.count ? (
        <p className="note">
          {formatCount(invoices.length)} of {formatCount(openInvoices.count)} are listed.
        </p>
      ) : null}
    </details>
  );
}
