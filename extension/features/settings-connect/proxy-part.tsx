import { useState } from 'react';
import type { ChangeProxyBody, ConnectionView } from '../../../server/contract/connection.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { formatDayAndYear } from '../../shared/format/times.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { More } from '../../shared/ui/more.tsx';
import { MORE_FIELDS, NO_MORE, ProxyFields, proxyOf } from './more-ways.tsx';

/** What a proxy before SAP is given; its secrets are not shown again, so a change gives all of it anew. */
export function ProxyPart({ connection: { proxy } }: { connection: ConnectionView }) {
  const [more, setMore] = useState(NO_MORE);
  const change = useSettingsChange<ChangeProxyBody>(
    (api, body) => api.post('/api/settings/sap/proxy', body, isSettings),
    () => setMore(NO_MORE),
  );
  const given = proxyOf(more);
  return (
    <More title="Proxy before SAP">
      <p className="soft">{wordsOf(proxy)}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!change.isRunning && given) change.run({ proxy: given });
        }}
      >
        <ProxyFields more={more} error={change.error} onChange={setMore} />
        {change.error ? <FormFailure error={change.error} fields={MORE_FIELDS} /> : null}
        <div className="buttons">
          <Button type="submit" off={change.isRunning || given === null}>
            {change.isRunning ? 'Trying it…' : 'Use this from now on'}
          </Button>
          {proxy === null ? null : (
            <Button off={change.isRunning} onPress={() => change.run({ proxy: null })}>
              Send nothing extra
            </Button>
          )}
        </div>
      </form>
    </More>
  );
}

function wordsOf(proxy: ConnectionView['proxy']): string {
  if (proxy === null)
    return 'Nothing extra is sent. Only for a server behind a proxy that asks for a header or a certificate.';
  const { headerName, clientCertificate } = proxy;
  const parts = [
    headerName === null ? null : `the header ${headerName}`,
    clientCertificate === null
      ? null
      : `the client certificate ${clientCertificate.subject}, valid until ${formatDayAndYear(clientCertificate.validTo)}`,
  ].filter((part) => part !== null);
  return `Sent with every request: ${parts.join(' and ')}. What you enter here takes the place of all of it.`;
}
