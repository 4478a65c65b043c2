interface PageDocument {
  readonly visibilityState: string;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
}

/** Whether a person can see us: the tab is in front and Pipedrive has not folded the panel. */
export interface Visibility {
  visible(): boolean;
  subscribe(listener: () => void): () => void;
  /** Pipedrive's word on folding. */
  setUnfolded(unfolded: boolean): void;
}

export function createVisibility(document: PageDocument): Visibility {
  let unfolded = true;
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  document.addEventListener('visibilitychange', notify);
  return {
    visible: () => unfolded && document.visibilityState !== 'hidden',
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setUnfolded(now) {
      unfolded = now;
      notify();
    },
  };
}
