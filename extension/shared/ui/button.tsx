import type { ReactNode } from 'react';

interface ButtonProps {
  readonly kind?: 'primary' | 'second' | 'quiet' | 'danger';
  readonly type?: 'button' | 'submit';
  /** Greyed out, still focusable: focus does not get lost when it changes. */
  readonly off?: boolean;
  /** Announced instead of the content. */
  readonly label?: string;
  readonly describedBy?: string;
  readonly onPress?: () => void;
  readonly children: ReactNode;
}

export function Button({
  kind = 'second',
  type = 'button',
  off = false,
  label,
  describedBy,
  onPress,
  children,
}: ButtonProps) {
  return (
    <button
      type={type}
      className={kind}
      aria-disabled={off || undefined}
      aria-label={label}
      title={label}
      aria-describedby={describedBy}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
}

/** A link to a page outside Pipedrive. */
export function OutsideLink({
  href,
  look,
  children,
}: {
  href: string;
  look?: 'second' | 'primary';
  children: ReactNode;
}) {
  if (!/^https?:\/\//i.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={look}>
      {children}
      <span className="unseen"> (opens in a new tab)</span>
    </a>
  );
}
