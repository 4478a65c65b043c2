import { existsSync } from 'node:fs';

let told = false;

/**
 * The official descriptions beside the project, or undefined where they are missing: then one line says so and nothing
 * is checked.
 * @throws Error with `CI=true`, where they must be there
 */
export function contractsFolder(): URL | undefined {
  const folder = new URL('../../../../shared/contracts/', import.meta.url);
  if (existsSync(new URL('README.md', folder))) return folder;
  const sentence = 'The official API descriptions (../shared/contracts) are missing: requests are not checked.';
  if (process.env['CI'] === 'true') throw new Error(sentence);
  if (!told) console.log(sentence);
  told = true;
  return undefined;
}
