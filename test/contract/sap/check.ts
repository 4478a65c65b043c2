import type { SapClient } from '../../../server/sap/erp.ts';
import type { ContractCheck } from '../check.ts';
import type { Scene } from './scene.ts';

/** The part of our client that the suite calls; closing is done by whoever runs it. */
export type PortMethod = Exclude<keyof SapClient, 'close' | 'closeAll'>;

/** One statement about Service Layers. */
export type Check = ContractCheck<Scene, PortMethod>;
