import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const LIST = join(import.meta.dirname, '../../docs/sandbox-checks.md');

/** Names of checks that the list for sandboxes gives under a heading of the second level. */
export async function checksNamedUnder(heading: string): Promise<readonly string[]> {
  const parts = (await readFile(LIST, 'utf8')).split(/^## /m);
  const part = parts.find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...part.matchAll(/`([a-z]+\.[a-z-]+)`/g)].map((match) => match[1] ?? '');
}
