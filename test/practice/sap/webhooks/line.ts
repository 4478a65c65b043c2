import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import type { CloudEvent } from './catalog.ts';
import { noteDispatch } from './notifications.ts';

/** What waits for one subscriber. */
export interface Line {
  readonly company: Company;
  readonly webhookId: string;
  waiting: CloudEvent[];
  missed: CloudEvent[];
  failures: number;
  dueAt: number;
}

export interface Outcome {
  /** 0 where no answer came. */
  readonly status: number;
  /** '' where it was delivered. */
  readonly trouble: string;
  /** The address or its certificate is at fault, which no second try mends. */
  readonly hopeless: boolean;
}

export interface RetryRules {
  readonly now: () => number;
  /** Tries after the first; the manual names 3 in one place and 5 in another. */
  readonly retries: number;
  /** Doubled with each try. */
  readonly retryMs: number;
}

const RETRIED = [408, 429];

/** What a delivery that went that way makes of its line: taken off, tried again later, or given up. */
export function settle(
  line: Line,
  batch: readonly CloudEvent[],
  { status, trouble, hopeless }: Outcome,
  rules: RetryRules,
): void {
  const { company } = line;
  if (trouble === '') {
    line.waiting = line.waiting.slice(batch.length);
    line.failures = 0;
    noteDispatch(company, batch, 'Delivered');
    const stamp = company.stamp();
    change(line, { WorkMode: 'Standard', LastSentDate: stamp.date, LastSentTime: stamp.time }, 'Active');
    return;
  }
  const passing = status === 0 || status >= 500 || RETRIED.includes(status);
  const again = passing && !hopeless && line.failures < rules.retries;
  if (again) {
    line.dueAt = rules.now() + rules.retryMs * 2 ** line.failures;
    line.failures += 1;
    change(line, { LastErrMsg: trouble }, 'Exceptional');
    return;
  }
  const givenUp = line.failures > 0 || status === 0 || status >= 500;
  line.waiting = line.waiting.slice(batch.length);
  line.failures = 0;
  noteDispatch(company, batch, 'Failed');
  if (givenUp) line.missed.push(...batch, ...line.waiting.splice(0));
  change(line, { ...(givenUp ? { State: 'Inactive' } : {}), LastErrMsg: trouble });
}

/** Whoever paused it meanwhile is not overruled. */
function change({ company, webhookId }: Line, values: Fields, state?: 'Active' | 'Exceptional'): void {
  const row = company.table('EventSubscriptions').get(webhookId);
  if (row === undefined) return;
  const turned = state === undefined || textOf(row, 'State') === 'Inactive' ? {} : { State: state };
  company.table('EventSubscriptions').put(webhookId, { ...row, ...turned, ...values });
}
