import { type ReactNode, useEffect, useRef } from 'react';
import { useRuntime } from '../runtime/runtime.ts';
import { createHeightReporter } from '../sdk/panel-height.ts';

/** Around every panel; keeps Pipedrive's frame as high as the content. */
export function PanelFrame({ children }: { children: ReactNode }) {
  const { host } = useRuntime();
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = content.current;
    if (!element) return;
    const report = createHeightReporter(host.resize);
    const observer = new ResizeObserver(() => report(element.getBoundingClientRect().height));
    observer.observe(element);
    return () => observer.disconnect();
  }, [host]);
  return (
    <div ref={content} className="panel">
      <header className="unseen">
        <h1>SAP Business One</h1>
      </header>
      {children}
    </div>
  );
}
