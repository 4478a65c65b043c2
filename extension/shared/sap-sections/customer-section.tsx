import type { Section } from '../../../server/contract/common.ts';
import type { CustomerView } from '../../../server/contract/panel.ts';
import { Chip } from '../ui/notice.tsx';
import { SapSection } from '../ui/sap-section.tsx';

const TYPES = { customer: 'Customer', lead: 'Lead', supplier: 'Supplier' } as const;

interface CustomerSectionProps {
  readonly customer: Section<CustomerView>;
  readonly onRetry: () => void;
  readonly repeats: boolean;
}

export function CustomerSection({ customer, onRetry, repeats }: CustomerSectionProps) {
  return (
    <SapSection name="Customer in SAP" title={null} section={customer} onRetry={onRetry} repeats={repeats}>
      {(data) => (
        <div className="pair top">
          <div>
            <h2 className="who">{data.name}</h2>
            <span className="soft">{describe(data)}</span>
          </div>
          {data.active ? <Chip tone="plain">{TYPES[data.type]}</Chip> : <Chip tone="bad">Deactivated in SAP</Chip>}
        </div>
      )}
    </SapSection>
  );
}

function describe({ cardCode, segment, priceList, paymentTerms }: CustomerView): string {
  return [cardCode, segment, priceList && `Price list “${priceList}”`, paymentTerms]
    .filter((part): part is string => Boolean(part))
    .join(' · ');
}
