import { z } from 'zod';
import { Instant } from './common.ts';

const Feature = z.enum(['yes', 'no', 'forbidden', 'unknown']);

/** What the connected SAP system was found to be able to do. */
export const CapabilitiesView = z.object({
  /** When it was last asked; null: not yet. Then there are no facts either. */
  probedAt: Instant.nullable(),
  /** How an order is kept from being made twice: by a row with a unique key in SAP, or by waiting and looking. */
  handoffGuard: z.enum(['ledger', 'settle']),
  /** The same in words for people, the most telling first. */
  facts: z.array(z.object({ name: z.string(), value: z.string(), note: z.string().nullable() })),
  record: z
    .object({
      dialect: z.enum(['v1', 'v2']),
      version: z.string().nullable(),
      localCurrency: z.string().nullable(),
      batch: Feature,
      userTables: Feature,
      keyField: Feature,
      ledger: Feature,
      sqlQueries: Feature,
      webhooks: Feature,
      etag: Feature,
      approvals: Feature,
      branches: Feature,
      collectionSelect: Feature,
      preview: Feature,
      itemPrice: Feature,
      /** Digits after the point that the company keeps. */
      decimals: z
        .object({
          totals: z.number(),
          prices: z.number(),
          quantities: z.number(),
          rates: z.number(),
          percentages: z.number(),
        })
        .nullable(),
      pageSize: z.number().nullable(),
      stamps: z.enum(['second', 'minute', 'unknown']),
      /** Minutes that the company's own time lies ahead of UTC, measured. */
      offsetMinutes: z.number().nullable(),
      /** The server's clock less ours. */
      clockSkewMs: z.number().nullable(),
    })
    .nullable(),
});
export type CapabilitiesView = z.infer<typeof CapabilitiesView>;

/** Body of `POST /api/settings/sap/diagnosis`. With `draft` one order draft is made in SAP and removed again. */
export const DiagnoseBody = z.strictObject({ draft: z.boolean() });
export type DiagnoseBody = z.infer<typeof DiagnoseBody>;

export const DiagnosisStepView = z.object({
  step: z.string(),
  title: z.string(),
  verdict: z.enum(['fine', 'note', 'wrong', 'skipped']),
  sentence: z.string(),
  why: z.string().nullable(),
  /** Who can put it right, in words. */
  who: z.string().nullable(),
  action: z.string().nullable(),
  /** Figures and SAP's own words; empty before a trusted sign-in. */
  details: z.array(z.string()),
});
export type DiagnosisStepView = z.infer<typeof DiagnosisStepView>;

export const DiagnosisView = z.object({
  at: Instant,
  signedIn: z.boolean(),
  /** One sentence over all steps. */
  summary: z.string(),
  steps: z.array(DiagnosisStepView),
});
export type DiagnosisView = z.infer<typeof DiagnosisView>;

/** What the customer's SAP partner sets up, on one page. */
export const PartnerSheetView = z.object({
  title: z.string(),
  sections: z.array(
    z.object({
      title: z.string(),
      lines: z.array(z.string()),
      /** What to enter, name and value. */
      values: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});
export type PartnerSheetView = z.infer<typeof PartnerSheetView>;
