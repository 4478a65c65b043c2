import { useQuery } from '@tanstack/react-query';
import type { CapabilitiesView } from '../../../server/contract/sap-checks.ts';
import { isCapabilities } from '../../shared/api/sap-check-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { Ago } from '../../shared/ui/age.tsx';
import { More } from '../../shared/ui/more.tsx';
import { SapEventsPart } from './sap-events-part.tsx';

export const CAPABILITIES_KEY = ['sap-capabilities'] as const;

const GUARDS = {
  ledger: 'SAP itself refuses a second order for the same deal: it keeps each deal’s key in a table of its own.',
  settle:
    'After a silence of SAP the app waits and looks before it sends anything again, so that no order is made twice. With the table from the sheet below SAP would refuse a second one itself.',
} as const satisfies Record<CapabilitiesView['handoffGuard'], string>;

/** What this SAP was found to be able to do. Nothing is shown where it cannot be told: the page works without it. */
export function CapabilitiesPart({ mayChange }: { mayChange: boolean }) {
  const { api } = useRuntime();
  const { data } = useQuery({
    queryKey: CAPABILITIES_KEY,
    queryFn: ({ signal }) => api.get('/api/settings/sap/capabilities', isCapabilities, signal),
  });
  if (!data) return null;
  return (
    <>
      <p>{GUARDS[data.handoffGuard]}</p>
      {mayChange ? <SapEventsPart offered={data.record?.webhooks === 'yes'} /> : null}
      {data.probedAt === null ? (
        <p className="soft">What this SAP can do is being found out; it takes a minute after connecting.</p>
      ) : (
        <More title="What this SAP can do">
          <dl className="facts">
            {data.facts.map(({ name, value, note }) => (
              <Fact key={name} name={name} value={value} note={note} />
            ))}
          </dl>
          <p className="soft small">
            Asked <Ago instant={data.probedAt} />, and once a day.
          </p>
        </More>
      )}
    </>
  );
}

function Fact({ name, value, note }: CapabilitiesView['facts'][number]) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value}
        {note === null ? null : <span className="soft small"> · {note}</span>}
      </dd>
    </>
  );
}
