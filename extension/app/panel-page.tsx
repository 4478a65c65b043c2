import { DealPanel } from '../features/deal-panel/deal-panel.tsx';
import { OrganizationPanel, OrganizationSections } from '../features/organization-panel/organization-panel.tsx';
import { PersonPanel } from '../features/person-panel/person-panel.tsx';
import type { Subject } from '../shared/sdk/launch.ts';
import { PanelFrame } from '../shared/ui/panel-frame.tsx';

/** The panel for the record that Pipedrive shows. */
export function PanelPage({ subject }: { subject: Subject | null }) {
  return <PanelFrame>{subject === null ? <NoRecord /> : <SubjectPanel subject={subject} />}</PanelFrame>;
}

function SubjectPanel({ subject: { resource, id } }: { subject: Subject }) {
  switch (resource) {
    case 'deal':
      return <DealPanel dealId={id} />;
    case 'organization':
      return <OrganizationPanel organizationId={id} />;
    case 'person':
      return (
        <PersonPanel
          personId={id}
          showOrganization={(view, onRetry) => <OrganizationSections view={view} onRetry={onRetry} />}
        />
      );
  }
}

function NoRecord() {
  return (
    <main>
      <div className="failure">
        <h2>No record chosen</h2>
        <p>Open a deal, an organization or a person in Pipedrive to see its figures from SAP.</p>
      </div>
    </main>
  );
}
