import { Fragment } from 'react';

/** A certificate's SHA-256 as people compare it: it breaks between bytes, never within one. */
export function Fingerprint({ value }: { value: string }) {
  const bytes = value.split(':');
  return (
    <span className="fingerprint">
      {bytes.map((byte, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what tells one byte from another
        <Fragment key={index}>
          {byte}
          {index < bytes.length - 1 ? ':' : null}
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}
