import type { CertificateView } from '../../../server/contract/connection.ts';
import { formatDayAndYear } from '../../shared/format/times.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Fingerprint } from '../../shared/ui/fingerprint.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';

interface CertificateCardProps {
  readonly seen: CertificateView;
  readonly confirming?: boolean;
  readonly onConfirm: () => void;
  readonly reject?: string;
  readonly onReject: () => void;
}

/** For a server no public authority vouches for: a person does, by comparing the fingerprint. */
export function CertificateCard(props: CertificateCardProps) {
  const { seen, confirming = false, onConfirm, reject = 'Use another address', onReject } = props;
  const { certificate, address, fault } = seen;
  const question = useFocusOnArrival<HTMLParagraphElement>();
  const confirmable = certificate !== null && fault !== 'expired';
  return (
    <div className="card">
      <p ref={question} tabIndex={-1}>
        <strong>Is this your server?</strong>
      </p>
      <p>{introOf(fault, address)}</p>
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
        {confirmable ? (
          <Button kind="primary" off={confirming} onPress={onConfirm}>
            {confirming ? 'Confirming…' : 'This is our server'}
          </Button>
        ) : null}
        <Button onPress={onReject}>{reject}</Button>
      </div>
    </div>
  );
}

function introOf(fault: CertificateView['fault'], address: string): string {
  switch (fault) {
    case null:
      return `A public authority vouches for ${address} now. Accept that, and a renewal will need nobody any more.`;
    case 'expired':
      return `The certificate of ${address} is not valid today, so it cannot be accepted. Whoever runs the server has to renew it; then look again.`;
    case 'wrong_name':
      return `The certificate of ${address} is made out to another name. If that is as it should be, ask whoever runs the server for the fingerprint and compare. From then on only this certificate is accepted.`;
    case 'not_trusted':
      return `No public authority vouches for ${address}. That is usual for SAP Business One. Ask whoever runs the server for the fingerprint and compare. From then on only this certificate is accepted.`;
  }
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
