import { type RefObject, useEffect, useRef } from 'react';

/** When what had the focus is gone because the page moved on to another `stage`, gives the focus to this element. */
export function useFocusOnChange<E extends HTMLElement>(stage: string | null): RefObject<E | null> {
  const element = useRef<E>(null);
  const before = useRef(stage);
  useEffect(() => {
    const moved = before.current !== null && before.current !== stage;
    before.current = stage;
    if (moved && document.activeElement === document.body) element.current?.focus({ preventScroll: true });
  }, [stage]);
  return element;
}
