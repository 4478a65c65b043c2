/** What must appear nowhere in code, tests and scripts included. The patterns are written so that they do not match themselves. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string; readonly but?: readonly string[] }[] = [
  { pattern: /rejectUnauthorized['"]?\s*[:=]\s*(false|0|!1)/, why: 'TLS verification is never switched off (SE-07)' },
  {
    pattern: /NODE_TLS_REJECT_UNAUTHOR[I]ZED/,
    why: 'TLS verification is never switched off (SE-07)',
    // One sets it to show that it changes nothing; the others refuse to start with it.
    but: ['test/integration/sap/trust.test.ts', 'server/config.ts', 'test/unit/config/config.test.ts'],
  },
  { pattern: /\bvi\.(mock|doMock)\(/, why: 'ports are replaced in tests, modules are not' },
];

/** @param files contents by path */
export function findForbiddenText(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        FORBIDDEN.filter(({ pattern, but }) => !but?.includes(file) && pattern.test(line)).map(
          ({ why }) => `${file}:${index + 1}: ${why}`,
        ),
      ),
  );
}
