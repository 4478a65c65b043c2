import type { Decimal } from '../../kernel/money.ts';
import type { CrmCaller, CrmDealLine, CrmListedLine } from './crm.ts';

/** A line as it is written; what is absent gets Pipedrive's default, or stays as it is. */
export interface CrmDealLineValues {
  readonly productId: number;
  /** In the deal's currency. */
  readonly unitPrice: Decimal;
  readonly quantity: Decimal;
  readonly discount?: Decimal;
  readonly discountType?: CrmDealLine['discountType'];
  readonly taxPercent?: Decimal;
  /** Pipedrive changes it on all lines of the deal. */
  readonly taxMethod?: CrmDealLine['taxMethod'];
  /** People read it on the line. */
  readonly comments?: string;
  readonly enabled?: boolean;
}

/** The lines of a deal; Pipedrive works out the deal's value from the enabled ones. Errors as of port `Crm`. */
export interface CrmLineEditing {
  /**
   * Adds these behind the lines that are there and gives all lines as they are afterwards. Up to five cost 5 tokens each,
   * more of them 25 a hundred, and reading 10. A line has no key of ours and many may be added halfway: whatever this
   * throws, read the lines again before adding any.
   */
  addDealLines(
    caller: CrmCaller,
    dealId: number,
    lines: readonly CrmDealLineValues[],
  ): Promise<readonly CrmListedLine[]>;
  updateDealLine(caller: CrmCaller, dealId: number, lineId: number, values: Partial<CrmDealLineValues>): Promise<void>;
  /** Those that are gone already count as removed. */
  deleteDealLines(caller: CrmCaller, dealId: number, lineIds: readonly number[]): Promise<void>;
}
