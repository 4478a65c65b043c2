import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Finding, FindingStore } from '../ports/finding-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import { type SuspectRefusalsDeps, suspectRefusals } from '../suspect-gap.ts';

/** Why a delivery with the right address and credentials was refused. */
export type Refusal = 'unsigned' | 'wrong_signature' | 'other_company';

export interface TellRefusalDeps extends SuspectRefusalsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly installations: Pick<InstallationStore, 'get'>;
  readonly findings: Pick<FindingStore, 'raise'>;
}

/** In one process; what is refused again within it is told already. */
const TELL_EVERY_MS = 10 * 60_000;

/**
 * Leaves a finding where notifications are refused, and has looked for what they would have told. Nothing that goes wrong
 * here changes the answer to the delivery.
 */
export function makeTellRefusal(deps: TellRefusalDeps) {
  const told = new Map<string, Date>();

  return async function tellRefusal(id: InstallationId, refusal: Refusal): Promise<void> {
    const now = deps.clock.now();
    const key = `${id}:${refusal}`;
    const last = told.get(key);
    if (last && after(last, TELL_EVERY_MS) > now) return;
    told.set(key, now);
    try {
      await deps.unitOfWork.within(id, async (tx) => {
        if ((await deps.installations.get(tx)).status !== 'active') return;
        const finding = { kind: 'delivery_refused', subject: refusal, link: null, ...WORDS[refusal] } as const;
        await deps.findings.raise(tx, finding, now);
        await suspectRefusals(deps, tx);
      });
    } catch (error) {
      told.delete(key);
      deps.logger.error('A refused delivery could not be told', error, { installationId: id });
    }
  };
}

const FOUND_ANYWAY = 'What changed in Pipedrive is looked for all the same.';

const WORDS: Readonly<Record<Refusal, Pick<Finding, 'message' | 'action'>>> = {
  unsigned: {
    message: `A notification of Pipedrive came without a signature and was refused. ${FOUND_ANYWAY}`,
    action:
      'Let whoever runs the gateway in front of this app see to it that it signs again, or take unsigned notifications again: below, under “Notifications from Pipedrive”.',
  },
  wrong_signature: {
    message: `A notification of Pipedrive came with a wrong signature and was refused. ${FOUND_ANYWAY}`,
    action:
      'Let whoever runs the gateway in front of this app check its secret: it is the last part of the address that the notification is sent to, and another one after the notifications were renewed.',
  },
  other_company: {
    message: `A notification came to your company’s address that is about another company, and was refused. ${FOUND_ANYWAY}`,
    action:
      'Somebody else may know the address. Press “Renew the notifications” below. If it happens again, tell support.',
  },
};
