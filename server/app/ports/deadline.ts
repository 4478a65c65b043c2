/** A signal that aborts after so many milliseconds, or as soon as one of the given signals does. */
export type Deadline = (milliseconds: number, ...signals: readonly AbortSignal[]) => AbortSignal;
