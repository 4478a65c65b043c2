import type { CertificateView } from '../../../server/contract/settings.ts';
import { formatDayAndYear } from '../../shared/format/times.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Fingerprint } from '../../shared/ui/fingerprint.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';

interface CertificateCardProps {
  readonly seen: CertificateView;
  readonly onConfirm: () => void;
  readonly onReject: () => void;
}

/** For a server no public authority vouches for: a person does, by comparing the fingerprint. */
export function CertificateCard({ seen, onConfirm, onReject }: CertificateCardProps) {
  const { certificate, address } = seen;
  const question = useFocusOnArrival<HTMLParagraphElement>();
  return (
    <div className="card">
      <p ref={question} tabIndex={-1}>
        <strong>Is this your server?</strong>
      </p>
      <p>
        No public authority vouches for {address}. That is usual for SAP Business One. Ask whoever runs the server for
        the fingerprint and compare. From then on only this certificate is accepted.
      </p>
      {certificate === null ? (
        <p className="late">The server showed no certificate, so it cannot be confirmed.</p>
      ) : (
        <dl className="facts">
          <dt>Fingerprint (SHA-256)</dt>
          <dd>
            <Fingerprint value={certificate.fingerprint} />
          </dd>
          <dt>Issued to</dt>
          <dd>{certificate.subject}</dd>
          <dt>Issued by</dt>
          <dd>{certificate.issuer}</dd>
          <dt>Valid</dt>
          <dd>
            {formatDayAndYear(dayOf(certificate.validFrom))} to {formatDayAndYear(dayOf(certificate.validTo))}
          </dd>
        </dl>
      )}
      <div className="buttons">
        {certificate === null ? null : (
          <Button kind="primary" onPress={onConfirm}>
            This is our server
          </Button>
        )}
        <Button onPress={onReject}>Use another address</Button>
      </div>
    </div>
  );
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
