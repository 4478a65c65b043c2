import type { ReactNode } from 'react';

/** What most people never need, folded away. */
export function More({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="more">
      <summary>{title}</summary>
      <div className="form">{children}</div>
    </details>
  );
}
