import { type ChangeEvent, type ReactNode, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value. */
  readonly error?: string | null;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'password' | 'url' | 'number';
  readonly autoComplete?: string;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  /** May be left empty. */
  readonly optional?: boolean;
  /** For texts of several lines, such as a certificate. */
  readonly lines?: number;
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
    optional = false,
    lines,
  } = props;
  const id = useId();
  const common = {
    id,
    value,
    readOnly,
    required: !optional,
    maxLength,
    spellCheck: false,
    'aria-invalid': error !== null,
    'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onChange(event.target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <span className="soft small" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {lines === undefined ? (
        <input {...common} type={type} autoComplete={autoComplete} />
      ) : (
        <textarea {...common} rows={lines} autoComplete={autoComplete} />
      )}
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
  readonly off?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children?: ReactNode;
}

/** A box to tick, with what it means below. */
export function Check({ label, checked, off = false, onChange, children }: CheckProps) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={off}
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
