import { sha256 } from '../kernel/canonical-json.ts';

/** What one document in SAP stands for. None of it is an id of ours, so that re-installing gives the same key. */
export interface HandoffIdentity {
  /** Pipedrive's company id. */
  readonly companyId: string;
  /** The SAP company's database name. */
  readonly sapCompany: string;
  readonly dealId: number;
  readonly step: 'order';
  readonly generation: number;
}

/**
 * The key that stands in the document's user field: 32 characters, readable enough to find the deal by eye.
 * Names are joined with a character that none of them may hold, so that no two identities share a text.
 */
export function handoffKey({ companyId, sapCompany, dealId, step, generation }: HandoffIdentity): string {
  const digest = sha256([companyId, sapCompany, String(dealId), step, String(generation)].join('\u0000'));
  const readable = `PD${dealId}-`;
  return `${readable}${digest.slice(0, Math.max(16, 32 - readable.length))}`;
}
