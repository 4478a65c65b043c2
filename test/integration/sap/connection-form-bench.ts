import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Connection } from '../../../server/app/ports/installation-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { type ConnectDeps, makeConnect } from '../../../server/app/settings/connect.ts';
import { ConnectBody } from '../../../server/contract/connection.ts';
import { InvalidInputError, UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import type { Resolve } from '../../../server/sap/connector.ts';
import { createOnboarding } from '../../../server/sap/onboarding.ts';
import type { SapNetwork } from '../../../server/sap/special-ranges.ts';
import { type Answer, type Identity, makeIdentity, sendJson, startTlsFake, welcome } from './tls-fake.ts';

const PRINCIPAL = { installationId: installationId(randomUUID()), companyId: '7', userId: 1, isAdmin: true };
const ACCESS = { companyDb: 'SBO', userName: 'manager', password: 'secret', pastedPem: null, proxy: null };
const NOW = new Date('2026-03-04T09:00:00Z');

export const DAY = 86_400_000;
/** The one answer for whatever else stands at an address. */
export const NOBODY = expect.stringMatching(/^unavailable: No SAP Service Layer answers at this address\./);

export const serviceLayer: Answer = (heard, response) => {
  if (heard.path.endsWith('/Login')) welcome(response);
  else sendJson(response, 200, { CompanyName: 'Nordlicht', Country: 'DE', LocalCurrency: 'EUR' });
};

export interface FormWorld {
  readonly network?: SapNetwork;
  readonly resolve?: Resolve;
  readonly extraPorts?: readonly number[];
  /** So that what hangs does not hang the test. */
  readonly limitMs?: number;
}

/** The connection form for the tests of one file: its use cases over the real wire, and servers for it. */
export function createConnectionForm() {
  const closing: (() => Promise<void>)[] = [];
  const identities = new Map<string, Identity>();
  beforeAll(async () => {
    identities.set('authority', await makeIdentity({ commonName: 'Public authority', authority: true }));
    identities.set('own', await makeIdentity());
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });
  const identity = (name: string): Identity => {
    const made = identities.get(name);
    if (!made) throw new Error(`no identity ${name} before the tests run`);
    return made;
  };

  return {
    closing,
    /** An authority that the form takes for a public one. */
    authority: () => identity('authority'),
    /** A self-signed certificate. */
    own: () => identity('own'),
    openForm: (world: FormWorld = {}) => openForm(world, identity('authority')),
    async serve(shown: Identity, answer: Answer = serviceLayer, tls: Parameters<typeof startTlsFake>[2] = {}) {
      const server = await startTlsFake(shown, answer, tls);
      closing.push(server.close);
      return server;
    },
  };
}

/** With a store that remembers what was saved. */
function openForm(
  { network = 'loopback', resolve, limitMs = 20_000, extraPorts = [] }: FormWorld,
  authority: Identity,
) {
  const saved: Connection[] = [];
  const waits: number[] = [];
  const signal = new AbortController().signal;
  const { checkAddress, connect } = makeConnect({
    ...storesThatRemember(saved),
    clock: { now: () => NOW },
    deadline: (milliseconds: number, ...signals: AbortSignal[]) =>
      AbortSignal.any([...signals, AbortSignal.timeout(Math.min(milliseconds, limitMs))]),
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds);
    },
    onboarding: createOnboarding({
      clock: { now: () => NOW },
      network,
      resolve: resolve ?? (async () => ['127.0.0.1']),
      authorities: [authority.cert],
      extraPorts,
    }),
  });

  async function shownAt(address: string): Promise<string[]> {
    const { trusted, certificate } = await checkAddress(PRINCIPAL, { address }, signal);
    return trusted || !certificate ? [] : [certificate.fingerprint];
  }

  /** As the page does it: what is shown is confirmed, unless told otherwise; then one answer in one word. */
  async function submit(values: Record<string, unknown>, confirm: 'shown' | readonly string[] = 'shown') {
    try {
      const confirmedFingerprints = confirm === 'shown' ? await shownAt(String(values['address'])) : confirm;
      const body = ConnectBody.safeParse({ ...ACCESS, confirmedFingerprints, ...values });
      if (!body.success) return `form:${body.error.issues[0]?.path.join('.')}`;
      await connect(PRINCIPAL, body.data, 'request', signal);
      return 'saved';
    } catch (error) {
      if (error instanceof InvalidInputError) return error.problems[0]?.code ?? '';
      if (error instanceof UnavailableError) return `unavailable: ${error.message}`;
      throw error;
    }
  }
  return { submit, saved, waits };
}

function storesThatRemember(saved: Connection[]) {
  const nothing = async () => undefined;
  const stores: unknown = {
    unitOfWork: { within: (id: string, work: (tx: Tx) => Promise<unknown>) => work({ installationId: id } as Tx) },
    connections: {
      list: async () => [],
      findByCompany: nothing,
      create: async (_tx: Tx, values: Connection) => {
        saved.push(values);
      },
      setLook: nothing,
    },
    findings: { resolve: nothing },
    links: { forgetRefusals: nothing },
    cursors: { restart: async () => false },
    erpFields: { setKeyField: nothing },
    jobs: { enqueueWithin: nothing },
    audit: { append: nothing },
    trials: { book: nothing },
    erp: { close: nothing },
  };
  return stores as Omit<ConnectDeps, 'clock' | 'deadline' | 'sleep' | 'onboarding'>;
}
