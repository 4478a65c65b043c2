import { Pool } from 'undici';
import type { DeliveryCallers } from '../../server/app/deliveries/delivery-callers.ts';
import type { HttpDeps } from '../../server/http/create-app.ts';
import { serve } from '../../server/http/serve.ts';
import { addNotifiedTenant, type NotifiedTenant } from './delivery-world.ts';
import { type FreshDatabase, freshDatabase } from './fresh-database.ts';
import { receiverApp } from './receiver-app.ts';
import { tenantWorld } from './tenants.ts';

/** The receiver over real HTTP and a database of its own, in this process. */
export interface ReceiverBench {
  readonly database: FreshDatabase;
  readonly callers: DeliveryCallers;
  readonly port: number;
  addTenant(): Promise<NotifiedTenant>;
  /** @returns the status of the answer */
  send(
    tenant: NotifiedTenant,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<number>;
  close(): Promise<void>;
}

export async function startReceiverBench(limits: HttpDeps['webhooks'] = {}): Promise<ReceiverBench> {
  const database = await freshDatabase();
  const world = tenantWorld(database.db);
  const { app, callers } = receiverApp(database.db, world.vault, { limits });
  const served = await serve(app, { host: '127.0.0.1', port: 0 });
  const sender = new Pool(`http://127.0.0.1:${served.port}`);
  return {
    database,
    callers,
    port: served.port,
    addTenant: () => addNotifiedTenant(world),
    async send({ secret, authorization }, body, headers = {}) {
      const { statusCode, body: answer } = await sender.request({
        method: 'POST',
        path: `/webhooks/pipedrive/${secret}`,
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body,
      });
      await answer.dump();
      return statusCode;
    },
    async close() {
      await sender.destroy();
      await served.close(1_000);
      await database.drop();
    },
  };
}
