import { randomBytes, randomUUID } from 'node:crypto';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import type { ErpAccessStore, StoredErpAccess } from '../../../server/app/ports/erp-access.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { localDateIn } from '../../../server/kernel/local-date.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createErp, type ErpDeps } from '../../../server/sap/erp.ts';
import type { SapNetwork } from '../../../server/sap/special-ranges.ts';
import { openRawClient } from './raw-client.ts';
import type { Scene } from './scene.ts';
import { createFacts } from './scene.ts';

export interface OpenedScene {
  readonly scene: Scene;
  /** Logs out everywhere and cuts all sockets. */
  close(): Promise<void>;
}

/**
 * Signs in twice, once as our client does and once by hand. Two refused passwords are the end, as in the product.
 * @throws Error where nobody can be signed in
 */
export async function openScene(
  access: StoredErpAccess,
  {
    network,
    signal,
    deps = {},
  }: { readonly network: SapNetwork; readonly signal: AbortSignal; readonly deps?: Partial<ErpDeps> },
): Promise<OpenedScene> {
  const raw = await openRawClient(access, network);
  const erp = createErp({
    clock: { now: () => new Date() },
    random: Math.random,
    logger: silentLogger,
    network,
    access: booksOf(access),
    ...deps,
  });
  const caller: ErpCaller = {
    installationId: installationId(randomUUID()),
    connectionId: connectionId(randomUUID()),
    priority: 'person',
    signal,
  };
  const now = deps.clock?.now() ?? new Date();
  const scene: Scene = {
    erp,
    caller,
    raw,
    access,
    today: localDateIn(access.timeZone, now),
    facts: createFacts(erp, caller, raw),
    left: [],
    newKey: () => randomBytes(16).toString('hex'),
  };
  return {
    scene,
    async close() {
      await raw.signOut();
      await erp.closeAll();
    },
  };
}

/** The connection's books in memory; nothing about it outlives the run. */
function booksOf(access: StoredErpAccess): ErpAccessStore {
  let refusals = 0;
  return {
    load: async () => ({ ...access, refusedPasswords: refusals }),
    async passwordRefused() {
      refusals += 1;
      return refusals;
    },
    async passwordAccepted() {
      refusals = 0;
    },
    sessionRefused: async () => undefined,
    sessionAccepted: async () => undefined,
    certificateRefused: async () => undefined,
    certificateFilled: async () => undefined,
  };
}
