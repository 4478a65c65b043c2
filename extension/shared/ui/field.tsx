import { type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value. */
  readonly error?: string | null;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password' | 'url';
  readonly autoComplete?: string;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
}

export function Field(props: FieldProps) {
  const {
    label,
    hint,
    error = null,
    value,
    onChange,
    type = 'text',
    autoComplete = 'off',
    readOnly,
    maxLength,
  } = props;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <span className="soft small" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <input
        id={id}
        type={type}
        value={value}
        readOnly={readOnly}
        required
        maxLength={maxLength}
        autoComplete={autoComplete}
        spellCheck={false}
        aria-invalid={error !== null}
        aria-describedby={[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {error === null ? null : (
        <span className="field-error small" role="alert" id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
}

/** A box to tick, with what it means below. */
export function Check({ label, checked, onChange, children }: CheckProps) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={`${id}-more`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        <div className="soft" id={`${id}-more`}>
          {children}
        </div>
      </div>
    </div>
  );
}
