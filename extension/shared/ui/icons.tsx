// Decoration beside words: hidden from screen readers.

export function RefreshIcon({ turning = false }: { turning?: boolean }) {
  return (
    <svg className={turning ? 'icon turning' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d="M13.2 8a5.2 5.2 0 1 1-1.6-3.7M13.5 1.8v3.1h-3.1" />
    </svg>
  );
}

export function CheckIcon() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="m3 8.5 3.3 3.3L13 4.8" />
    </svg>
  );
}

export function WaitIcon() {
  return (
    <svg className="icon turning" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 2.2A5.8 5.8 0 1 1 2.2 8" />
    </svg>
  );
}
