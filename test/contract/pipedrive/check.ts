import type { OperationName } from '../../../server/pipedrive/operation-list.ts';
import type { ContractCheck } from '../check.ts';
import type { Scene } from './scene.ts';

/** One statement about Pipedrive; what it covers are calls of its API by our names for them. */
export type Check = ContractCheck<Scene, OperationName>;
