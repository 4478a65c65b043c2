import { expect, it } from 'vitest';
import { createPracticeClock } from '../practice/kernel/clock.ts';
import { startPracticePipedrive } from '../practice/pipedrive/start.ts';

/**
 * A test file of its own run (run-planted-process.ts), never of the usual one: it succeeds, and the look at its requests
 * must let the file fail all the same.
 */
it('asks as the app, and wrongly', async () => {
  const practice = await startPracticePipedrive({
    clock: createPracticeClock({ start: 0, frozen: true }),
    seed: 1,
    clientId: 'client',
    clientSecret: 'client-secret',
    appCallbackUrl: 'http://127.0.0.1:9/oauth/callback',
  });
  const { apiDomain } = await practice.addCompany({ id: 1, name: 'Acme', domain: 'acme', users: [] });
  const headers = { 'user-agent': 'Orderline/0.0.0', 'content-type': 'application/json' };
  const body = JSON.stringify({ org_id: null });
  await fetch(`${apiDomain}/api/v2/deals?update_since=2026-01-01T00:00:00Z`, { headers });
  await fetch(`${apiDomain}/v2/deals`, { headers });
  await fetch(`${apiDomain}/api/v2/deals/7`, { method: 'PATCH', headers, body });
  await fetch(`${practice.oauthUrl}/oauth/revoke`, { method: 'POST', headers, body });
  expect(practice.log.all()).toHaveLength(4);
  await practice.close();
});
