import type { DoctorStep, DoctorStepName, Fixer } from '../../app/ports/erp-doctor.ts';
import { AppError, RejectedError } from '../../kernel/errors.ts';

/** What is wrong, why, who can put it right, and what to do. */
export interface Trouble {
  readonly sentence: string;
  readonly why?: string;
  readonly who: Fixer;
  readonly action: string;
}

export function fine(step: DoctorStepName, sentence: string, details: readonly string[] = []): DoctorStep {
  return { step, verdict: 'fine', sentence, why: null, who: null, action: null, details };
}

export function skipped(step: DoctorStepName, sentence: string): DoctorStep {
  return { step, verdict: 'skipped', sentence, why: null, who: null, action: null, details: [] };
}

/** Nothing is stopped by it, and somebody should know. */
export function note(step: DoctorStepName, trouble: Trouble, details: readonly string[] = []): DoctorStep {
  return withTrouble(step, 'note', trouble, details);
}

export function wrong(step: DoctorStepName, trouble: Trouble, details: readonly string[] = []): DoctorStep {
  return withTrouble(step, 'wrong', trouble, details);
}

function withTrouble(
  step: DoctorStepName,
  verdict: 'note' | 'wrong',
  { sentence, why, who, action }: Trouble,
  details: readonly string[],
): DoctorStep {
  return { step, verdict, sentence, why: why ?? null, who, action, details };
}

/** One step after the sign-in: whatever stops it is said there, and stops no other. */
export async function guarded(step: DoctorStepName, look: () => Promise<DoctorStep>): Promise<DoctorStep> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return unanswered(step, error);
  }
}

function unanswered(step: DoctorStepName, error: AppError): DoctorStep {
  if (error instanceof RejectedError) {
    return wrong(
      step,
      {
        sentence: 'SAP refused this question.',
        why: error.message,
        who: 'sap_admin',
        action: 'Show SAP’s words to your SAP administrator.',
      },
      [wordsOf(error)],
    );
  }
  return note(step, {
    sentence: 'This could not be looked at.',
    why: error.message,
    who: 'nobody',
    action: 'Run the check again in a few minutes.',
  });
}

/** SAP's own words, with its code. */
export function wordsOf({ code, words }: RejectedError): string {
  return words === '' ? `SAP’s code: ${code}` : `SAP says (${code}): ${words}`;
}
