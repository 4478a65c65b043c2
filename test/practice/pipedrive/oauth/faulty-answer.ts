import type { StruckFault } from '../faults.ts';
import { cloudflareBlock } from '../http/limit-answers.ts';
import { html, json, type PlainAnswer } from '../http/plain.ts';

/** The OAuth host under a fault: the same switches as for API calls, as far as they make sense here. */
export async function oauthAnswer(
  struck: StruckFault | undefined,
  regular: () => PlainAnswer,
): Promise<PlainAnswer | 'drop'> {
  if (!struck) return regular();
  const { fault } = struck;
  switch (fault.kind) {
    case 'status':
      return typeof fault.body === 'string'
        ? { status: fault.status, headers: { 'content-type': 'text/html', ...fault.headers }, body: fault.body }
        : json(fault.status, fault.body ?? { error: 'server_error' }, fault.headers);
    case 'html_403':
      return cloudflareBlock();
    case 'drop_before':
      return 'drop';
    case 'drop_after_commit':
      regular();
      return 'drop';
    case 'status_after_commit':
      regular();
      return typeof fault.body === 'string'
        ? html(fault.status, fault.body)
        : json(fault.status, fault.body ?? { error: 'server_error' });
    case 'slow_after_commit': {
      const answer = regular();
      await struck.released;
      return answer;
    }
    case 'rewrite':
      return fault.answer(regular());
    case 'truncated_json': {
      const answer = regular();
      return { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) };
    }
    case 'slow':
      await struck.released;
      return regular();
    default:
      return json(429, { error: 'temporarily_unavailable' });
  }
}
