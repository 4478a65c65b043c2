import type { Feature } from '../../app/ports/erp-capabilities.ts';
import type { SapCompany, SapRequest } from '../company.ts';
import type { Dialect } from '../dialect.ts';
import type { HttpAnswer } from '../exchange.ts';
import { featureOf } from './feature.ts';

/** One answer, or what its failure says. */
export type Told<T> = { readonly feature: 'yes'; readonly value: T } | { readonly feature: Exclude<Feature, 'yes'> };

/**
 * Asks one thing. What SAP refuses is an answer too; where SAP as a whole does not answer, the question fails as any
 * other read does.
 */
export async function ask<T>(
  company: SapCompany,
  build: (dialect: Dialect) => SapRequest,
  parse: (answer: HttpAnswer) => T,
): Promise<Told<T>> {
  try {
    return { feature: 'yes', value: await company.read(build, parse) };
  } catch (error) {
    const feature = featureOf(error);
    if (feature === null) throw error;
    return { feature: feature === 'yes' ? 'unknown' : feature };
  }
}

export function answerOf<T>(told: Told<T>): T | undefined {
  return told.feature === 'yes' ? told.value : undefined;
}

/** A read-only operation of the company, as the dialect wants it called. */
export function call(name: string): (dialect: Dialect) => SapRequest {
  return ({ functionMethod }) => ({ method: functionMethod, target: name });
}

export function get(target: string, headers?: Readonly<Record<string, string>>): () => SapRequest {
  return () => ({ method: 'GET', target, ...(headers ? { headers } : {}) });
}

export function post(target: string, body: unknown): () => SapRequest {
  return () => ({ method: 'POST', target, body: JSON.stringify(body) });
}
