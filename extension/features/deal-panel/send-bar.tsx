import type { DealPanelView, SendView } from '../../../server/contract/panel.ts';
import { Button, OutsideLink } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { CheckIcon, WaitIcon } from '../../shared/ui/icons.tsx';
import { ProblemList } from '../../shared/ui/problem-list.tsx';
import { RefreshButton } from '../../shared/ui/refresh-button.tsx';
import { useFocusOnChange } from '../../shared/ui/use-focus-on-change.ts';
import { latestHandoff, progressSentence } from './handoff-progress.ts';
import { useSend } from './use-send.ts';

interface SendBarProps {
  readonly dealId: number;
  readonly view: DealPanelView;
  readonly refreshing: boolean;
  readonly onRefresh: () => void;
}

const REASON_ID = 'send-reason';

/** Always in reach: the one thing to do, or where it stands. */
export function SendBar({ dealId, view, refreshing, onRefresh }: SendBarProps) {
  const { error, isSending, press, onItsWay } = useSend(dealId, view);
  const moving = isSending || onItsWay;
  return (
    <footer>
      {error ? (
        <div className="send-failure">
          <FormFailure error={error} />
        </div>
      ) : null}
      <div role="status" className="progress-words">
        {moving ? <p>{isSending ? 'Sending to SAP…' : progressSentence(view)}</p> : null}
      </div>
      {moving ? null : <Reasons send={view.send} />}
      <div className="actions">
        <RefreshButton refreshing={refreshing} onPress={onRefresh} />
        <Action view={view} moving={moving} onSend={press} />
      </div>
    </footer>
  );
}

function Reasons({ send: { reason, problems, action } }: { send: SendView }) {
  if (action === 'done' || (reason === null && problems.length === 0)) return null;
  return (
    <div className="reasons" id={REASON_ID}>
      {reason === null ? null : <p>{reason}</p>}
      <ProblemList problems={problems} />
    </div>
  );
}

function Action({ view, moving, onSend }: { view: DealPanelView; moving: boolean; onSend: () => void }) {
  const { action, label } = view.send;
  const finished = useFocusOnChange<HTMLSpanElement>(moving ? 'moving' : action);
  if (moving) {
    return (
      <Button kind="primary" off>
        <WaitIcon /> Sending…
      </Button>
    );
  }
  switch (action) {
    case 'send':
    case 'check_again':
      return (
        <Button kind="primary" describedBy={REASON_ID} onPress={onSend}>
          {label}
        </Button>
      );
    case 'wait':
    case 'not_allowed':
      return (
        <Button kind="primary" off describedBy={REASON_ID}>
          {label}
        </Button>
      );
    case 'done': {
      const link = latestHandoff(view)?.link ?? null;
      return (
        <span className="finished" ref={finished} tabIndex={-1}>
          <CheckIcon /> {link === null ? label : <OutsideLink href={link}>{label}</OutsideLink>}
        </span>
      );
    }
  }
}
