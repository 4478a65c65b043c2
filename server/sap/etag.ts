import { createHash } from 'node:crypto';

/**
 * The `If-Match` header for a record read at this DataVersion: the SHA-1 of the decimal number, in the weak form, since
 * SAP passes over any other form and writes all the same (reference 5.6).
 */
export function ifVersion(version: number): { 'if-match': string } {
  return { 'if-match': `W/"${createHash('sha1').update(String(version)).digest('hex').toUpperCase()}"` };
}
