import { type RefObject, useEffect, useRef } from 'react';

/** Moves the focus to what has just replaced the thing a person pressed, so that the keyboard and screen readers follow. */
export function useFocusOnArrival<E extends HTMLElement>(): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
