import type { CompanyState } from '../company/state.ts';
import type { StruckFault } from '../faults.ts';
import type { GrantStore } from '../oauth/grants.ts';
import type { Caller } from './callers.ts';
import { cloudflareBlock, limitHeaders, overDailyLimit, overLimit } from './limit-answers.ts';
import { html, json, type PlainAnswer } from './plain.ts';

export interface StrikeSite {
  company: CompanyState;
  grants: GrantStore;
  caller: Caller | undefined;
  /** Price of the call that is struck. */
  cost: number;
}

/** What a fault does instead of the call; undefined = the call goes on. */
export async function beforeCommit(
  { company, grants, caller, cost }: StrikeSite,
  { fault, released }: StruckFault,
): Promise<PlainAnswer | 'drop' | undefined> {
  switch (fault.kind) {
    case 'status': {
      if (caller && fault.status !== 401 && fault.status !== 429 && company.switches.failedCallsCost) {
        company.budget.charge(cost);
      }
      const headers = limitHeaders(company, undefined);
      return typeof fault.body === 'string'
        ? html(fault.status, fault.body, { ...fault.headers })
        : json(fault.status, fault.body ?? { success: false, error: 'Server error' }, { ...headers, ...fault.headers });
    }
    case 'html_403':
      return cloudflareBlock();
    case 'drop_before':
      if (caller && company.switches.unansweredCallsCost) company.budget.charge(cost);
      return 'drop';
    case 'rate_limit_burst':
      if (caller && company.switches.failedCallsCost) company.budget.charge(cost);
      return overLimit(company, {
        ...limitHeaders(company, undefined),
        ...(company.switches.burstHeaders
          ? { 'x-ratelimit-limit': '80', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' }
          : {}),
      });
    case 'rate_limit_daily':
      return overDailyLimit(company, limitHeaders(company, undefined));
    case 'token_revoked':
      if (caller) grants.expireAccess(company.id, caller.user.id);
      return json(
        401,
        { success: false, error: 'unauthorized access', errorCode: 401 },
        limitHeaders(company, undefined),
      );
    case 'slow':
      await released;
      return undefined;
    default:
      return undefined;
  }
}

/** What a fault makes of the answer of a call that was done. */
export async function afterCommit(
  { fault, released }: StruckFault,
  answer: PlainAnswer,
): Promise<PlainAnswer | 'drop'> {
  switch (fault.kind) {
    case 'drop_after_commit':
      return 'drop';
    case 'truncated_json':
      return { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) };
    case 'status_after_commit':
      return typeof fault.body === 'string'
        ? html(fault.status, fault.body)
        : json(fault.status, fault.body ?? { success: false, error: 'Server error' });
    case 'slow_after_commit':
      await released;
      return answer;
    case 'rewrite':
      return fault.answer(answer);
    default:
      return answer;
  }
}
