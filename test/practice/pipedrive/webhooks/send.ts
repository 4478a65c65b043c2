import { createHmac } from 'node:crypto';
import type { CompanyState } from '../company/state.ts';
import type { HookRecord } from '../records.ts';

const TIMEOUT_MS = 10_000;

/** Posts one delivery. @returns the status, or null if no answer came within ten seconds. */
export async function sendDelivery(
  company: CompanyState,
  hook: HookRecord,
  body: string,
  options: { wrongCredentials: boolean },
): Promise<number | null> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/plain, */*',
    'user-agent': 'Pipedrive Webhooks',
  };
  if (hook.http_auth_user !== null || hook.http_auth_password !== null) {
    const password = options.wrongCredentials ? 'not-the-password' : (hook.http_auth_password ?? '');
    const pair = Buffer.from(`${hook.http_auth_user ?? ''}:${password}`).toString('base64');
    headers['authorization'] = `Basic ${pair}`;
  }
  const signature = company.switches.signature;
  if (signature) {
    const digest = createHmac('sha256', signature.secret).update(body).digest(signature.encoding);
    headers[signature.header] = `${signature.prefix}${digest}`;
  }
  try {
    const answer = await fetch(hook.subscription_url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
