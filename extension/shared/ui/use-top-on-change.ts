import { useEffect, useRef } from 'react';

/** Scrolls to the top when the page gives way to another one; null: there is none yet. */
export function useTopOnChange(page: string | null): void {
  const before = useRef(page);
  useEffect(() => {
    const changed = before.current !== null && before.current !== page;
    before.current = page;
    if (changed) window.scrollTo(0, 0);
  }, [page]);
}
