import { expect, it } from 'vitest';
import { createPracticeClock } from '../practice/kernel/clock.ts';
import { startPracticePipedrive } from '../practice/pipedrive/start.ts';

/** As planted-requests-process.ts, and in one process with it: each of them answers for its own requests. */
it('asks as the app, and wrongly in another way', async () => {
  const practice = await startPracticePipedrive({
    clock: createPracticeClock({ start: 0, frozen: true }),
    seed: 1,
    clientId: 'client',
    clientSecret: 'client-secret',
    appCallbackUrl: 'http://127.0.0.1:9/oauth/callback',
  });
  const { apiDomain } = await practice.addCompany({ id: 1, name: 'Acme', domain: 'acme', users: [] });
  await fetch(`${apiDomain}/v2/leads`, { headers: { 'user-agent': 'Orderline/0.0.0' } });
  expect(practice.log.all()).toHaveLength(1);
  await practice.close();
});
