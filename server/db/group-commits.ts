export interface GroupLimits<T> {
  /** Items in one group. */
  readonly most: number;
  /** A group takes no further item once these are reached; in whatever unit `weigh` has. */
  readonly heaviest: number;
  readonly weigh: (item: T) => number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R | Promise<R>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gives a function that commits items one group after the other: what arrives while a commit is under way makes up the
 * next group. Nobody waits for company.
 * @param commit gives one result an item, in order; a promise as a result keeps only its own item waiting
 */
export function groupCommits<T, R>(
  commit: (group: readonly T[]) => Promise<readonly (R | Promise<R>)[]>,
  limits: GroupLimits<T>,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let underWay = false;

  async function commitAll(): Promise<void> {
    underWay = true;
    while (waiting.length > 0) await commitGroup(waiting.splice(0, groupSize(waiting, limits)));
    underWay = false;
  }

  async function commitGroup(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error('The commit gave no result.'));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!underWay) void commitAll();
    });
}

/** At least one, however heavy it is. */
function groupSize<T>(waiting: readonly { item: T }[], { most, heaviest, weigh }: GroupLimits<T>): number {
  let weight = 0;
  let size = 0;
  for (const { item } of waiting) {
    weight += weigh(item);
    if (size > 0 && (size >= most || weight > heaviest)) break;
    size += 1;
  }
  return size;
}
