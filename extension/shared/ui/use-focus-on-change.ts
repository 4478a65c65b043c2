import { type RefObject, useEffect, useRef } from 'react';

/**
 * When what had the focus is gone because the page moved on to another `stage`, gives the focus to this element. Never
 * while the person is in Pipedrive's own page: its focus is not ours to take.
 */
export function useFocusOnChange<E extends HTMLElement>(stage: string | null): RefObject<E | null> {
  const element = useRef<E>(null);
  const before = useRef(stage);
  useEffect(() => {
    const moved = before.current !== null && before.current !== stage;
    before.current = stage;
    const lost = document.hasFocus() && document.activeElement === document.body;
    if (moved && lost) element.current?.focus({ preventScroll: true });
  }, [stage]);
  return element;
}
