import { readFile } from 'node:fs/promises';
import { html, type PlainAnswer } from '../pipedrive/http/plain.ts';
import { STYLE } from './style.ts';

const SCRIPT = /^\/_page\/([a-z-]+)\.ts$/;
const scripts = new Map<string, string>();

/** The page's style and scripts; scripts are written in TypeScript and lose their types here. */
export async function serveAsset(path: string): Promise<PlainAnswer | undefined> {
  if (path === '/_page/style.css') {
    return { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: STYLE };
  }
  const name = SCRIPT.exec(path)?.[1];
  if (name === undefined) return undefined;
  const known = scripts.get(name) ?? (await scriptOf(name));
  if (known === undefined) return html(404, 'not found');
  scripts.set(name, known);
  return { status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: known };
}

async function scriptOf(name: string): Promise<string | undefined> {
  try {
    const source = await readFile(new URL(`./browser/${name}.ts`, import.meta.url), 'utf8');
    // Loaded late: most runs never open a page.
    const { transformWithOxc } = await import('vite');
    return (await transformWithOxc(source, `${name}.ts`)).code;
  } catch {
    return undefined;
  }
}
