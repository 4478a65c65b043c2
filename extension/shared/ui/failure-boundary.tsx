import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** The last net: a defect in our own page shows a sentence instead of nothing. */
export class FailureBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main>
        <div className="failure" role="alert">
          <h1>This page broke</h1>
          <p>The fault is ours. Nothing was sent to SAP by it.</p>
          <button type="button" className="second" onClick={() => window.location.reload()}>
            Reload
          </button>
        </div>
      </main>
    );
  }
}
