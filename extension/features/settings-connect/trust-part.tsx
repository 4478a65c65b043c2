import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ChangeTrustBody, ConnectionView, TrustView } from '../../../server/contract/connection.ts';
import { isCertificate, isSettings } from '../../shared/api/settings-answers.ts';
import { formatDayAndYear } from '../../shared/format/times.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Fingerprint } from '../../shared/ui/fingerprint.tsx';
import { More } from '../../shared/ui/more.tsx';
import { CertificateCard } from './certificate-card.tsx';

function useTrustChange(onDone?: () => void) {
  return useSettingsChange<ChangeTrustBody>(
    (api, body) => api.post('/api/settings/sap/trust', body, isSettings),
    onDone,
  );
}

/** Which certificates are accepted, until when, and what an admin can do about them. */
export function TrustPart({ connection, mayChange }: { connection: ConnectionView; mayChange: boolean }) {
  const { trust } = connection;
  const change = useTrustChange();
  return (
    <>
      <p>{sentenceOf(trust)}</p>
      {trust.slots.length === 0 ? null : (
        <ul className="slots">
          {trust.slots.map((slot) => (
            <li className="slot" key={slot.fingerprint}>
              <div>
                <Fingerprint value={slot.fingerprint} />
                <p className="soft small">{slotWords(slot)}</p>
              </div>
              {mayChange && trust.slots.length > 1 ? (
                <Button
                  off={change.isRunning}
                  label={`No longer accept ${slot.fingerprint.slice(0, 11)}…`}
                  onPress={() => change.run({ change: 'remove', fingerprint: slot.fingerprint })}
                >
                  Remove
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {change.error ? <FormFailure error={change.error} /> : null}
      {mayChange ? <AddTrust full={trust.slots.length >= MOST_SLOTS} /> : null}
    </>
  );
}

const MOST_SLOTS = 3;

function sentenceOf({ kind, authority, servedValidTo }: TrustView): string {
  const until = servedValidTo === null ? '' : ` The one it shows is valid until ${formatDayAndYear(servedValidTo)}.`;
  switch (kind) {
    case 'public':
      return `A public authority vouches for the server.${until}`;
    case 'authority':
      return `Your own authority vouches for the server: ${authority?.subject ?? ''}${authority ? `, valid until ${formatDayAndYear(authority.validTo)}` : ''}.${until}`;
    case 'confirmed':
      return `Only these certificates are accepted.${until}`;
  }
}

function slotWords({ seen, subject, validTo }: TrustView['slots'][number]): string {
  if (!seen) return 'Known beforehand; the server has not shown it yet';
  return `${subject ?? 'Without a name'}${validTo === null ? '' : `, valid until ${formatDayAndYear(validTo)}`}`;
}

/** A certificate that is known before the server changes to it: the change then needs nobody. */
function AddTrust({ full }: { full: boolean }) {
  const [text, setText] = useState('');
  const add = useTrustChange(() => setText(''));
  const isPem = text.includes('BEGIN CERTIFICATE');
  const submit = () =>
    add.run(isPem ? { change: 'add_pem', pem: text } : { change: 'add_fingerprint', fingerprint: text.trim() });
  return (
    <More title="Accept one more certificate, before the server changes to it">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!add.isRunning) submit();
        }}
      >
        <Field
          label="Fingerprint, or the certificate itself"
          hint={
            full
              ? 'Three are kept at most: remove one first'
              : 'From your SAP partner: SHA-256, or text that begins with -----BEGIN CERTIFICATE-----'
          }
          value={text}
          onChange={setText}
          error={
            problemAt(add.error, 'fingerprint') ?? problemAt(add.error, 'pem') ?? problemAt(add.error, 'pastedPem')
          }
          lines={3}
          maxLength={30_000}
        />
        {add.error ? <FormFailure error={add.error} fields={['fingerprint', 'pem', 'pastedPem']} /> : null}
        <div className="buttons">
          <Button type="submit" off={add.isRunning || full}>
            {add.isRunning ? 'Adding…' : 'Accept it from now on'}
          </Button>
        </div>
      </form>
    </More>
  );
}

/** After a change: the server's certificate is looked at, compared by a person, and accepted. No password is needed. */
export function ConfirmChanged({ connection }: { connection: ConnectionView }) {
  const { api } = useRuntime();
  const look = useMutation({
    mutationFn: () => api.post('/api/settings/sap/certificate', { address: connection.address }, isCertificate),
  });
  const confirm = useTrustChange(look.reset);
  const seen = look.data;
  if (!seen) {
    return (
      <>
        <div className="buttons">
          <Button kind="primary" off={look.isPending} onPress={() => look.mutate()}>
            {look.isPending ? 'Looking…' : 'Look at the certificate'}
          </Button>
          <span className="soft small">Nothing is sent, and no password is needed.</span>
        </div>
        {look.error ? <FormFailure error={look.error} /> : null}
      </>
    );
  }
  const accept = () =>
    confirm.run(
      seen.trusted
        ? { change: 'use_public' }
        : { change: 'confirm_shown', fingerprint: seen.certificate?.fingerprint ?? '' },
    );
  return (
    <>
      <CertificateCard
        seen={seen}
        confirming={confirm.isRunning}
        onConfirm={accept}
        reject="Not now"
        onReject={look.reset}
      />
      {confirm.error ? <FormFailure error={confirm.error} /> : null}
    </>
  );
}
