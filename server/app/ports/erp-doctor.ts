import type { ErpCaller } from './erp.ts';

/** Who can put it right. */
export type Fixer = 'you' | 'sap_admin' | 'sap_partner' | 'network' | 'nobody';

/** In the order in which they are shown. */
export const DOCTOR_STEPS = [
  'name',
  'port',
  'certificate',
  'ping',
  'sign_in',
  'company',
  'read_rights',
  'create_rights',
  'licence',
  'branch',
  'series',
  'user_fields',
  'key_field',
  'clock',
  'round_trip',
  'page_speed',
] as const;
export type DoctorStepName = (typeof DOCTOR_STEPS)[number];

/** What was found at one step, in plain sentences. */
export interface DoctorStep {
  readonly step: DoctorStepName;
  /** `skipped`: it could not be looked at, because an earlier step failed or nobody asked for it. */
  readonly verdict: 'fine' | 'note' | 'wrong' | 'skipped';
  /** What was found. */
  readonly sentence: string;
  readonly why: string | null;
  readonly who: Fixer | null;
  readonly action: string | null;
  /** Figures and SAP's own words; only after a trusted sign-in in the same run. */
  readonly details: readonly string[];
}

export interface ErpDiagnosis {
  /** A trusted sign-in worked in this run: only then do the steps say more than whether they went well. */
  readonly signedIn: boolean;
  readonly steps: readonly DoctorStep[];
  /** Number of a trial draft that was made and could not be removed; null: nothing was left behind. */
  readonly leftDraft: string | null;
  /** How far the company's own time lies ahead of UTC, where the trial draft told it. */
  readonly offsetMinutes: number | null;
}

export interface ErpDoctor {
  /**
   * Looks through one connection from name to page speed. What fails at one step is said there and stops only what needs
   * it. Nothing is changed in SAP, except that with `draft` one order draft is made and removed again.
   * @throws {NotFoundError} when the connection is gone
   */
  diagnose(caller: ErpCaller, options: { readonly draft: boolean }): Promise<ErpDiagnosis>;
}
