import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * Writes test/practice/pipedrive/token-costs.ts from Pipedrive's official OpenAPI descriptions.
 * Usage: tsx scripts/practice-token-costs.ts [folder with openapi-v1.yaml and openapi-v2.yaml]
 */
const folder = process.argv[2] ?? fileURLToPath(new URL('../../shared/contracts/pipedrive', import.meta.url));
const target = fileURLToPath(new URL('../test/practice/pipedrive/token-costs.ts', import.meta.url));

/** The resources that the app may come to use; the rest of the descriptions is left out. */
const RESOURCES = {
  v2: /^\/(deals|persons|organizations|products|dealFields|personFields|organizationFields|productFields|pipelines|stages|activities|itemSearch)(\/|$)/,
  v1: /^\/(users|notes|webhooks|currencies|files|activityTypes|recents|filters|deals|organizations|persons|products)(\/|$)/,
} as const;

const description = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const operation = z.object({ 'x-token-cost': z.number() });

function costLines(version: 'v1' | 'v2'): string[] {
  const { paths } = description.parse(parse(readFileSync(`${folder}/openapi-${version}.yaml`, 'utf8')));
  const lines: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    if (!RESOURCES[version].test(path)) continue;
    for (const [method, value] of Object.entries(methods)) {
      const found = operation.safeParse(value);
      if (found.success) lines.push(`  '${version} ${method.toUpperCase()} ${path}': ${found.data['x-token-cost']},`);
    }
  }
  return lines;
}

const lines = [...costLines('v2'), ...costLines('v1')];
writeFileSync(
  target,
  `// Written by scripts/practice-token-costs.ts. Source: \`x-token-cost\` in Pipedrive's official OpenAPI descriptions,
// openapi-v2.yaml and openapi-v1.yaml, snapshot of 2026-08-18.

/** Tokens per call, by version, method and path. */
export const TOKEN_COSTS: Readonly<Record<string, number>> = {
${lines.join('\n')}
};
`,
);
console.log(`${lines.length} costs written`);
