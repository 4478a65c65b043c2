import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isCertificate } from '../../shared/api/settings-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { AddressForm } from './address-form.tsx';
import { CertificateCard } from './certificate-card.tsx';
import { clientOf, MORE_FIELDS, MoreWaysPart, NO_MORE } from './more-ways.tsx';
import { SignInForm } from './sign-in-form.tsx';

interface ConnectStepProps {
  /** The connection whose access is renewed; null for a new one. */
  readonly known: SettingsView['connection'];
  readonly onDone: () => void;
}

/** First the server is looked at and confirmed; only then is a password asked for. */
export function ConnectStep({ known, onDone }: ConnectStepProps) {
  const { api } = useRuntime();
  const [address, setAddress] = useState(known?.address ?? '');
  const [more, setMore] = useState(NO_MORE);
  const [confirmed, setConfirmed] = useState(false);
  const look = useMutation({
    mutationFn: (typed: string) =>
      api.post('/api/settings/sap/certificate', { address: typed, clientCertificate: clientOf(more) }, isCertificate),
  });
  const startAnew = () => {
    look.reset();
    setConfirmed(false);
  };

  if (!look.data) {
    return (
      <>
        <AddressForm
          error={problemAt(look.error, 'address')}
          address={address}
          onChange={setAddress}
          looking={look.isPending}
          onLook={() => look.mutate(address)}
        >
          <MoreWaysPart more={more} error={look.error} onChange={setMore} />
        </AddressForm>
        {look.error ? <FormFailure error={look.error} fields={['address', ...MORE_FIELDS]} /> : null}
      </>
    );
  }
  const vouched = look.data.trusted || more.pem.trim() !== '';
  if (!vouched && !confirmed) {
    return <CertificateCard seen={look.data} onConfirm={() => setConfirmed(true)} onReject={startAnew} />;
  }
  return <SignInForm seen={look.data} more={more} known={known} onBack={startAnew} onDone={onDone} />;
}
