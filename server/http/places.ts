/** How many may be let in at once: in all, and of each one who asks. */
export interface Places {
  /** False when there is none left. */
  take(who: string): boolean;
  leave(who: string): void;
}

export function createPlaces(inAll: number, ofEach = inAll): Places {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(who) {
      const own = taken.get(who) ?? 0;
      if (all >= inAll || own >= ofEach) return false;
      all += 1;
      taken.set(who, own + 1);
      return true;
    },
    leave(who) {
      const own = taken.get(who) ?? 0;
      all -= 1;
      if (own > 1) taken.set(who, own - 1);
      else taken.delete(who);
    },
  };
}
