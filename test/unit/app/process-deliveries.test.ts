import { describe, expect, it } from 'vitest';
import { createJobHandlers, type JobUseCases } from '../../../server/jobs/handlers.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';

const RUN = {
  installationId: installationId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01'),
  signal: new AbortController().signal,
};

function running(failAt: string, error: Error) {
  const done: string[] = [];
  const handlers = createJobHandlers({
    async processDelivery(_id: unknown, deliveryId: string) {
      if (deliveryId === failAt) throw error;
      done.push(deliveryId);
    },
  } as unknown as JobUseCases);
  return { done, job: handlers['delivery.process'](RUN, { deliveryIds: ['a', 'b', 'c'] }) };
}

describe('deliveries that came together', () => {
  it('WH-08 one that is a defect keeps none of the others from being processed, and the job fails for it', async () => {
    const { done, job } = running('b', new Error('poison'));
    await expect(job).rejects.toThrow('poison');
    expect(done).toEqual(['a', 'c']);
  });

  it('F4 ends at once when the database is away', async () => {
    const { done, job } = running('b', new UnavailableError('away'));
    await expect(job).rejects.toThrow('away');
    expect(done).toEqual(['a']);
  });
});
