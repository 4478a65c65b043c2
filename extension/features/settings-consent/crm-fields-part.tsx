import type { CrmFieldPlan } from '../../../server/contract/settings.ts';
import { Notice } from '../../shared/ui/notice.tsx';
import { roomSentence } from './room-sentence.ts';

/** Which fields are made in Pipedrive, and which ones of the company's own are used. */
export function CrmFieldsPart({ plan: { fields, room } }: { plan: CrmFieldPlan }) {
  const made = fields.filter(({ uses }) => uses === null);
  const theirs = fields.filter(({ uses, ours }) => uses !== null && !ours);
  const ours = fields.filter(({ uses, ours }) => uses !== null && ours);
  const tightness = roomSentence(room);
  return (
    <>
      <p>
        Organizations and deals get fields for what SAP knows.
        {room === null ? ' A field of yours that has one of these names is used instead, and filled from SAP.' : null}
      </p>
      {made.length > 0 ? <Names of={made.map(({ name }) => name)} /> : null}
      {ours.length > 0 ? (
        <>
          <p>These are there from before, and go on:</p>
          <Names of={ours.map(({ name }) => name)} />
        </>
      ) : null}
      {theirs.length > 0 ? (
        <>
          <p>
            <strong>These fields of yours will be filled from SAP:</strong>
          </p>
          <Names of={theirs.map(({ name, uses }) => usedWords(name, uses ?? name))} />
          <p>
            A VAT number that you entered stays; all else in them is replaced where SAP knows something. Nothing is ever
            emptied. If one should stay as it is, rename it in Pipedrive first; then a new one is made.
          </p>
        </>
      ) : null}
      {room === null ? null : <p>All your other fields stay as they are.</p>}
      {tightness === null ? null : (
        <Notice tone="warning" title="Room for fields is short">
          <p>{tightness}</p>
        </Notice>
      )}
    </>
  );
}

/** e.g. `USt-IdNr., as VAT number (organization)` */
function usedWords(name: string, uses: string): string {
  return name.startsWith(`${uses} (`) ? name : `${uses}, as ${name}`;
}

function Names({ of }: { of: readonly string[] }) {
  return (
    <ul className="names">
      {of.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  );
}
