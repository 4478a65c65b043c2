/** A number in [0, 1), injected so that a failing run can be replayed from its seed. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();
