import type { ErpCaller } from '../app/ports/erp.ts';
import type { SapCompany } from './company.ts';

/** Turns a resource's function into a call of the port: the connection is opened anew for every call. */
export type On = <A extends readonly unknown[], R>(
  work: (company: SapCompany, ...args: A) => Promise<R>,
) => (caller: ErpCaller, ...args: A) => Promise<R>;
