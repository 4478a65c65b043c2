import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const Path = z.string().regex(/^\/[a-z0-9/:-]+$/);
/** Limits as the forms of Developer Hub have them. */
const Extension = z.strictObject({
  name: z.string().min(1).max(30),
  path: Path,
  description: z.string().min(1).max(150),
});

const Manifest = z.strictObject({
  name: z.string().min(1).max(30),
  summary: z.string().min(1).max(150),
  description: z.string().min(1).max(1_500),
  instructions: z.string().min(1).max(1_500),
  callbackPath: Path,
  installationPath: Path,
  scopes: z.array(z.strictObject({ scope: z.string(), why: z.string().min(1), operations: z.array(z.string()) })),
  extensions: z.strictObject({
    panels: z.array(Extension.extend({ location: z.enum(['deal', 'organization', 'person']) })).max(3),
    settings: Extension,
  }),
  webhooks: z.strictObject({ version: z.literal('2.0'), path: Path, events: z.array(z.string()) }),
});
export type Manifest = z.infer<typeof Manifest>;

/** The app's own description. Pipedrive has no upload format for it: it is entered by hand, once. */
export function readManifest(): Manifest {
  return Manifest.parse(JSON.parse(readFileSync(new URL('../manifest.json', import.meta.url), 'utf8')));
}

/**
 * What to enter in Developer Hub, form by form.
 * @param publicUrl origin under which the app is reached
 */
export function developerHubEntries(manifest: Manifest, publicUrl: string): string {
  const { callbackPath, installationPath, extensions, webhooks } = manifest;
  const panels = extensions.panels.map((panel) => [
    `App extensions › Custom panel on the ${panel.location}`,
    ...field('Name', panel.name),
    ...field('Description', panel.description),
    ...field('Iframe URL', publicUrl + panel.path),
    ...field('JWT secret', JWT_SECRET),
  ]);
  const { settings } = extensions;
  const sections = [
    [
      'General info',
      ...field('App name', manifest.name),
      ...field('Callback URL', publicUrl + callbackPath),
      ...field('Installation URL', publicUrl + installationPath),
    ],
    ['OAuth & access scopes', ...manifest.scopes.flatMap(({ scope, why }) => field(scope, why))],
    ...panels,
    [
      'App extensions › App settings page (custom UI)',
      ...field('Name', settings.name),
      ...field('Description', settings.description),
      ...field('Iframe URL', publicUrl + settings.path),
      ...field('JWT secret', JWT_SECRET),
    ],
    [
      'Marketplace listing',
      ...field('Short summary', manifest.summary),
      ...field('Full description', manifest.description),
      ...field('Instructions', manifest.instructions),
    ],
    [
      'Webhooks (nothing to enter: the app makes them itself)',
      ...field(`Version ${webhooks.version}`, webhooks.events.join(', ')),
      ...field('Address', publicUrl + webhooks.path),
    ],
    [
      'Environment of the app',
      ...field('PUBLIC_URL', publicUrl),
      ...field('PIPEDRIVE_CLIENT_ID', 'the client id that Developer Hub shows'),
      ...field('PIPEDRIVE_CLIENT_SECRET', 'the client secret that Developer Hub shows'),
      ...field('PIPEDRIVE_JWT_SECRET', 'only if you gave the extensions a JWT secret above'),
      ...field('OPERATOR_NAME', 'who runs it, as the privacy, terms and support pages shall say'),
      ...field('SUPPORT_EMAIL', 'where customers write to'),
    ],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const JWT_SECRET = 'the value of PIPEDRIVE_JWT_SECRET; leave it empty if you use none';

function field(name: string, value: string): string[] {
  return [`  ${name}`, `    ${value}`];
}

/** @returns the origin, or what is wrong with it */
function publicUrlOf(text: string | undefined): { origin: string } | { fault: string } {
  if (text === undefined) return { fault: 'Say under which address the app is reached.' };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') return { fault: 'Pipedrive takes https addresses only.' };
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    return { fault: 'The address must have no path.' };
  return { origin: url.origin };
}

function main(): void {
  const { values } = parseArgs({ options: { 'public-url': { type: 'string' } }, strict: false });
  const given = values['public-url'];
  const answer = publicUrlOf(typeof given === 'string' ? given : undefined);
  if ('origin' in answer) {
    process.stdout.write(developerHubEntries(readManifest(), answer.origin));
    return;
  }
  console.error(`${answer.fault}\nUse: npm run manifest -- --public-url https://app.example.com`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
