import type { Decimal } from '../../kernel/money.ts';
import type { CrmCaller } from './crm.ts';

export interface CrmPipeline {
  readonly id: number;
  readonly name: string;
}
export interface CrmStage {
  readonly id: number;
  readonly pipelineId: number;
  readonly name: string;
}
export interface CrmCurrency {
  /** Of ISO 4217, or one that the company made itself. */
  readonly code: string;
  readonly name: string;
  readonly decimals: number;
  readonly active: boolean;
}
export interface CrmProductVariation {
  readonly id: number;
  readonly name: string;
  readonly prices: readonly { readonly currency: string; readonly price: Decimal }[];
}
/** What a search has found: the index lags behind, so that nothing found does not mean that nothing is there. */
export interface CrmFound {
  readonly id: number;
  readonly name: string;
}

/** What the company has set up, to choose from and to check against. Errors as of port `Crm`. */
export interface CrmReference {
  /** 5 tokens, as the stages; in the company's order. */
  listPipelines(caller: CrmCaller): Promise<readonly CrmPipeline[]>;
  listStages(caller: CrmCaller): Promise<readonly CrmStage[]>;
  /** 20 tokens. */
  listCurrencies(caller: CrmCaller): Promise<readonly CrmCurrency[]>;
  /** 10 tokens. */
  listProductVariations(caller: CrmCaller, productId: number): Promise<readonly CrmProductVariation[]>;
  /** Exactly this code, in any letter case; 20 tokens, and at most 10 searches in two seconds. */
  findProductsByCode(caller: CrmCaller, code: string): Promise<readonly (CrmFound & { readonly code: string })[]>;
  /** Exactly this name, in any letter case; the same price. */
  findOrganizationsByName(caller: CrmCaller, name: string): Promise<readonly CrmFound[]>;
}
