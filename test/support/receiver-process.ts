import { z } from 'zod';
import type { DeliveryInbox } from '../../server/app/ports/delivery-inbox.ts';
import { createDeliveryInbox } from '../../server/db/delivery-inbox.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { serve } from '../../server/http/serve.ts';
import { receiverApp } from './receiver-app.ts';
import { tenantWorld } from './tenants.ts';

/**
 * The receiver in a process of its own, started by `startReceiver`. With `grouped: false` each delivery is committed by
 * itself, as many at once as there are connections, for comparison. It ends when its parent is gone.
 */
const Settings = z.object({ databaseUrl: z.string(), masterKeys: z.string(), grouped: z.boolean() });

const { databaseUrl, masterKeys, grouped } = Settings.parse(JSON.parse(process.env['RECEIVER'] ?? '{}'));
const db = openDatabase({ url: databaseUrl });
const ungrouped: DeliveryInbox = { store: (delivery) => createDeliveryInbox(db).store(delivery) };
const inbox = grouped ? createDeliveryInbox(db) : ungrouped;
const { app } = receiverApp(db, tenantWorld(db, masterKeys).vault, { inbox });
const { port } = await serve(app, { host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit());
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }));
process.send?.({ port });
