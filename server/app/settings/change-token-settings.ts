import type { TokenSettingsBody } from '../../contract/tokens.ts';
import type { BudgetFacts } from '../../domain/token-budget.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { TokenLedger } from '../ports/token-ledger.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

export interface ChangeTokenSettingsDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly ledger: Pick<TokenLedger, 'lockFacts' | 'saveStatement' | 'saveBackgroundShare'>;
  readonly audit: AuditLog;
}

/** An admin says what the company's plan is, and how much of the day background work may take. */
export function makeChangeTokenSettings(deps: ChangeTokenSettingsDeps) {
  return async function changeTokenSettings(
    { installationId, userId }: Principal,
    { stated, backgroundPercent }: TokenSettingsBody,
    requestId: string,
  ): Promise<void> {
    const share = backgroundPercent / 100;
    await deps.unitOfWork.within(installationId, async (tx) => {
      const before = await deps.ledger.lockFacts(tx);
      await deps.ledger.saveStatement(tx, stated);
      await deps.ledger.saveBackgroundShare(tx, share);
      await deps.audit.append(tx, {
        verb: 'settings_changed',
        source: { system: 'orderline', key: 'pipedrive-budget', version: null },
        target: `installation:${installationId}`,
        before: choiceOf(before),
        after: { plan: stated?.plan ?? null, seats: stated?.seats ?? null, backgroundShare: share },
        runId: null,
        requestId,
        userId,
        at: deps.clock.now(),
      });
    });
  };
}

function choiceOf({ statedPlan, statedSeats, backgroundShare }: BudgetFacts) {
  return { plan: statedPlan, seats: statedSeats, backgroundShare };
}
