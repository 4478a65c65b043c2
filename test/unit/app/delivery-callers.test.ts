import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeliveryCallers } from '../../../server/app/deliveries/delivery-callers.ts';
import type { Installation } from '../../../server/app/ports/installation-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { type InstallationId, installationId } from '../../../server/kernel/ids.ts';

interface Company {
  readonly id: InstallationId;
  readonly secret: string;
  readonly webhooks: { user: string; password: string }[];
  status: Installation['status'];
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function aCompany(hooks = 3): Company {
  return {
    id: installationId(randomUUID()),
    secret: randomUUID() + randomUUID(),
    webhooks: Array.from({ length: hooks }, () => ({ user: randomUUID(), password: randomUUID() })),
    status: 'active',
  };
}

function callersOf(companies: readonly Company[]) {
  const asked: string[] = [];
  let hold: Promise<unknown> = Promise.resolve();
  const of = ({ installationId: id }: Tx): Company => {
    const found = companies.find((company) => company.id === id);
    if (!found) throw new Error('There is no such company.');
    return found;
  };
  const callers = createDeliveryCallers({
    directory: {
      async findByWebhookSecret(hash) {
        asked.push(hex(hash));
        await hold;
        return companies.find(({ secret, status }) => sha256(secret) === hex(hash) && status !== 'uninstalled')?.id;
      },
      findByCompany: async () => undefined,
      listDue: async () => [],
    },
    unitOfWork: { within: (id, work) => work({ installationId: id } as unknown as Tx) },
    installations: {
      get: async (tx) => ({ companyId: String(companies.indexOf(of(tx))), status: of(tx).status }) as Installation,
    },
    webhooks: {
      listCredentials: async (tx) =>
        of(tx).webhooks.map(({ user, password }) => ({ user, passwordHash: Buffer.from(sha256(password), 'hex') })),
    },
  });
  return { callers, asked, holdBack: (work: Promise<unknown>) => (hold = work) };
}

describe('who a delivery is from', () => {
  it('WH-04 10,000 forged combinations of address and credentials name no company but their own', async () => {
    const companies = Array.from({ length: 4 }, () => aCompany());
    const { callers } = callersOf(companies);
    const texts = companies.flatMap(({ secret, webhooks }) => [
      secret,
      ...webhooks.flatMap((one) => Object.values(one)),
    ]);
    const piece = fc.oneof(
      fc.constantFrom(...texts),
      fc.constantFrom(...texts).map((text) => text.slice(0, -1)),
      fc.constantFrom(...texts).map((text) => `${text}x`),
      fc.constantFrom(...texts).map((text) => text.toUpperCase()),
      fc.string({ maxLength: 80 }),
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(piece, piece, piece, async (secret, user, password) => {
        const caller = await callers.find({ secret, authorization: basic(user, password), from: 'pipedrive' });
        const rightful = companies.find(
          (one) =>
            one.secret === secret && one.webhooks.some((hook) => hook.user === user && hook.password === password),
        );
        if (caller) accepted += 1;
        return caller?.installationId === rightful?.id;
      }),
      { numRuns: 10_000 },
    );
    // Nearly all are forged; those that are not are taken.
    expect(accepted).toBeLessThan(100);
    for (const { id, secret, webhooks } of companies)
      for (const { user, password } of webhooks)
        expect(await callers.find({ secret, authorization: basic(user, password), from: 'pipedrive' })).toMatchObject({
          installationId: id,
          user,
        });
  });

  it('asks the database once for an address, and again for credentials that it has not seen', async () => {
    const company = aCompany(1);
    const { callers, asked } = callersOf([company]);
    const proof = () => ({
      secret: company.secret,
      authorization: basic(company.webhooks.at(-1)?.user ?? '', company.webhooks.at(-1)?.password ?? ''),
      from: 'pipedrive',
    });
    for (let round = 0; round < 5; round += 1) expect(await callers.find(proof())).toBeDefined();
    expect(asked).toHaveLength(1);
    company.webhooks.push({ user: 'new', password: 'webhook' });
    expect(await callers.find(proof())).toMatchObject({ user: 'new' });
    expect(await callers.find({ ...proof(), authorization: basic('new', 'wrong') })).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  it('WH-12 forgets whom storing has found to be gone', async () => {
    const company = aCompany(1);
    const [hook] = company.webhooks;
    const { callers } = callersOf([company]);
    const proof = {
      secret: company.secret,
      authorization: basic(hook?.user ?? '', hook?.password ?? ''),
      from: 'pipedrive',
    };
    const caller = await callers.find(proof);
    company.status = 'uninstalled';
    if (caller) callers.forget(caller);
    expect(await callers.find(proof)).toBeUndefined();
  });

  it('needs no look-up to refuse what carries no credentials', async () => {
    const { callers, asked } = callersOf([aCompany()]);
    for (const authorization of [
      undefined,
      '',
      'Bearer abc',
      'Basic !!!',
      `Basic ${Buffer.from('no colon').toString('base64')}`,
    ])
      expect(await callers.find({ secret: 'guess', authorization, from: 'somewhere' })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('WH-09 a flood of guesses waits for few look-ups, and those who are known for none', async () => {
    const [company, other] = [aCompany(1), aCompany(1)];
    const { callers, asked, holdBack } = callersOf([company, other]);
    const proofOf = ({ secret, webhooks: [hook] }: Company) => ({
      secret,
      authorization: basic(hook?.user ?? '', hook?.password ?? ''),
      from: 'pipedrive',
    });
    await callers.find(proofOf(company));
    let release = (): void => undefined;
    holdBack(
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    );
    const guess = (from: string, index: number) =>
      callers.find({ secret: `guess ${from} ${index}`, authorization: basic('a', 'b'), from });
    const guesses = Array.from({ length: 500 }, (_, index) => guess('somewhere', index));
    const results = Promise.allSettled(guesses);
    expect(await callers.find(proofOf(company))).toBeDefined();
    // One whom nobody has looked up yet, as all are after a start, finds a place beside them.
    const fresh = callers.find(proofOf(other));
    expect(asked).toHaveLength(1 + 20 + 1);
    // And from however many addresses they come, there are never more than so many at once.
    const more = Promise.allSettled(Array.from({ length: 100 }, (_, index) => guess(`address ${index}`, 1)));
    release();
    expect(await fresh).toMatchObject({ installationId: other.id });
    const refused = (await results).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(480);
    expect(refused[0]).toMatchObject({ reason: { kind: 'unavailable' } });
    expect((await more).filter(({ status }) => status === 'rejected')).toHaveLength(100 - 29);
    expect(asked).toHaveLength(1 + 50);
    // None of them is remembered.
    expect(await guess('somewhere', 1)).toBeUndefined();
    expect(asked).toHaveLength(52);
  });
});
