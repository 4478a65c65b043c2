/** What was found. `not_asked`: there was no way to find out here, and the words say why. */
export interface Found {
  readonly outcome: 'holds' | 'differs' | 'not_asked';
  /** A plain sentence; with `holds`, what was seen where that is worth writing down. */
  readonly words: string | null;
}

/** One statement about a system that others run, and how to find out whether it holds on this one. */
export interface ContractCheck<Scene, Call extends string> {
  /** `group.statement`. */
  readonly name: string;
  /** The statement, as it holds everywhere we know of. */
  readonly claim: string;
  /** What of our client it exercises. */
  readonly covers?: readonly Call[];
  /** It makes records there and puts them away again. */
  readonly writes?: true;
  run(scene: Scene): Promise<Found>;
}

export const holds = (seen: string | null = null): Found => ({ outcome: 'holds', words: seen });
export const differs = (seen: string): Found => ({ outcome: 'differs', words: seen });
export const notAsked = (why: string): Found => ({ outcome: 'not_asked', words: why });

/** Holds unless one of the conditions that are told is false. */
export function verdict(conditions: readonly (readonly [met: boolean, otherwise: string])[], seen?: string): Found {
  const wrong = conditions.filter(([met]) => !met).map(([, otherwise]) => otherwise);
  return wrong.length === 0 ? holds(seen ?? null) : differs(wrong.join(' '));
}
