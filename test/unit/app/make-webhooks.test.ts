import { describe, expect, it } from 'vitest';
import { makeMakeWebhooks } from '../../../server/app/install/make-webhooks.ts';
import type { CrmWebhookInfo } from '../../../server/app/ports/crm.ts';
import { ForbiddenError, UnavailableError } from '../../../server/kernel/errors.ts';
import { ID, memoryFindings, unitOfWork } from './crm-reading/fake-tenant.ts';

const URL = 'https://app.example.com/webhooks/pipedrive/x';
const KINDS = [
  { object: 'deal', action: 'change' },
  { object: 'person', action: 'change' },
];
const OF_ANOTHER: readonly CrmWebhookInfo[] = KINDS.map((kind, index) => ({
  ...kind,
  id: index + 1,
  url: URL,
  active: false,
  user: null,
  ownerId: 7,
  lastStatus: null,
  lastDeliveryAt: null,
}));

function bench(refusal: Error) {
  const made: string[] = [];
  const makeWebhooks = makeMakeWebhooks({
    clock: { now: () => new Date('2026-03-02T09:00:00Z') },
    unitOfWork,
    findings: memoryFindings(),
    audit: { append: async () => undefined },
    webhooks: {
      add: async () => undefined,
      remove: async () => undefined,
      setId: async () => undefined,
      listRefusals: async () => [],
      noteRefusal: async () => undefined,
      clearRefusal: async () => undefined,
    },
    crm: {
      createWebhook: async (_caller, { object }) => made.push(object),
      deleteWebhook: async () => {
        throw refusal;
      },
    },
  });
  const caller = {
    installationId: ID,
    as: 'service',
    purpose: 'status',
    signal: new AbortController().signal,
  } as const;
  const run = () => makeWebhooks({ caller, url: URL, missing: KINDS, stored: [], present: OF_ANOTHER, sound: [] });
  return { run, made };
}

describe('webhooks of somebody else that this access may not delete', () => {
  it('WH-10 keep none from being made anew', async () => {
    const { run, made } = bench(new ForbiddenError('Only its owner may delete it.'));
    await run();
    expect(made).toEqual(['deal', 'person']);
  });

  it('are no reason to go on where Pipedrive cannot be reached', async () => {
    const { run } = bench(new UnavailableError('away'));
    await expect(run()).rejects.toThrow(UnavailableError);
  });
});
