import type { Section } from '../../../server/contract/common.ts';
import type { LinesView, LineView } from '../../../server/contract/panel.ts';
import { countOf, formatPrice, formatQuantity } from '../../shared/format/figures.ts';
import { Chip } from '../../shared/ui/notice.tsx';
import { SapSection } from '../../shared/ui/sap-section.tsx';
import { availabilityOf, comparisonOf } from './line-words.ts';

interface LinesSectionProps {
  readonly lines: Section<LinesView>;
  readonly onRetry: () => void;
  readonly repeats: boolean;
}

export function LinesSection({ lines, onRetry, repeats }: LinesSectionProps) {
  return (
    <SapSection name="Lines" title={() => 'Lines'} section={lines} onRetry={onRetry} repeats={repeats}>
      {(data) =>
        data.lines.length + data.unreadable.length === 0 ? (
          <p className="face">
            <span>This deal has no products yet. Add them in Pipedrive; their price and stock then show here.</span>
          </p>
        ) : (
          <>
            <ul className="lines">
              {data.lines.map((line) => (
                <Line key={line.lineId} line={line} />
              ))}
              {data.unreadable.map(({ lineId, name, problem }) => (
                <li className="line" key={lineId}>
                  <span className="name" title={name}>
                    {name}
                  </span>
                  <span className="num">Not read</span>
                  <span className="detail">
                    <span className="late">{problem}</span>
                  </span>
                </li>
              ))}
            </ul>
            {data.notShown > 0 ? (
              <p className="note">
                {countOf(data.notShown, 'more line is', 'more lines are')} on the deal; the first {data.lines.length}{' '}
                are shown here. All of them are sent.
              </p>
            ) : null}
          </>
        )
      }
    </SapSection>
  );
}

function Line({ line }: { line: LineView }) {
  const comparison = comparisonOf(line);
  const availability = availabilityOf(line);
  return (
    <li className={line.enabled ? 'line' : 'line left-out'}>
      <span className="name" title={line.name}>
        {line.name}
      </span>
      <span className="num">
        {formatQuantity(line.quantity)} × {formatPrice(line.unitPrice)}
      </span>
      <span className="detail">
        {line.itemCode === null ? null : <span>{itemOf(line.itemCode, line)}</span>}
        {hasDiscount(line) ? <span>{formatQuantity(line.discountPercent ?? '0')} % discount given</span> : null}
        {line.enabled ? null : <span>Switched off in the deal, not sent</span>}
        {line.warehouses.length === 0 ? null : <span>{stockOf(line)}</span>}
        {line.problem === null ? null : <span className="late">{line.problem}</span>}
      </span>
      <span className="chips">
        {comparison ? <Chip tone={comparison.tone}>{comparison.words}</Chip> : null}
        {availability ? <Chip tone={availability.tone}>{availability.words}</Chip> : null}
      </span>
    </li>
  );
}

/** The code tells lines of the same name apart. */
function itemOf(itemCode: string, { sapPrice }: LineView): string {
  return sapPrice ? `${itemCode} · SAP ${formatPrice(sapPrice)}` : itemCode;
}

function hasDiscount({ discountPercent }: LineView): boolean {
  return discountPercent !== null && /[1-9]/.test(discountPercent);
}

function stockOf({ warehouses }: LineView): string {
  return warehouses.map(({ name, available }) => `${name} ${formatQuantity(available)}`).join(' · ');
}
