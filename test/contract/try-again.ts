const TRIES = 4;

export interface Repeating {
  /** Statuses of a server that is busy for a moment, or of a session that is lost. */
  readonly forAMoment: readonly number[];
  /** Before the next try, e.g. a new sign-in or a wait. */
  readonly between?: (status: number | undefined) => Promise<void>;
}

/** A question asked up to four times, while it is answered for a moment only, or not at all. */
export async function tryAgain<Answer extends { readonly status: number }>(
  ask: () => Promise<Answer>,
  { forAMoment, between }: Repeating,
): Promise<Answer> {
  for (let left = TRIES; ; left -= 1) {
    const answer = await ask().catch((error: unknown) => {
      if (left <= 1) throw error;
      return undefined;
    });
    if (answer !== undefined && (left <= 1 || !forAMoment.includes(answer.status))) return answer;
    await between?.(answer?.status);
  }
}

/** The JSON of a text; undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
