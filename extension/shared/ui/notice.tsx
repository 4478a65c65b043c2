import type { ReactNode } from 'react';

export type Tone = 'good' | 'warning' | 'bad' | 'plain';

/** A sentence that stands out. Colour repeats what the words say. */
export function Notice({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={`notice ${tone}`}>
      {title === undefined ? null : <strong>{title}</strong>}
      {children}
    </div>
  );
}

export function Chip({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`chip ${tone}`}>{children}</span>;
}
