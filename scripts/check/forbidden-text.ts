/** What must appear nowhere in code, tests and scripts included. The patterns are written so that they do not match themselves. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string; readonly but?: string }[] = [
  { pattern: /rejectUnauthorized['"]?\s*[:=]\s*(false|0|!1)/, why: 'TLS verification is never switched off (SE-07)' },
  {
    pattern: /NODE_TLS_REJECT_UNAUTHOR[I]ZED/,
    why: 'TLS verification is never switched off (SE-07)',
    // Sets it to show that it changes nothing.
    but: 'test/integration/sap/trust.test.ts',
  },
  { pattern: /\bvi\.(mock|doMock)\(/, why: 'ports are replaced in tests, modules are not' },
];

/** @param files contents by path */
export function findForbiddenText(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        FORBIDDEN.filter(({ pattern, but }) => file !== but && pattern.test(line)).map(
          ({ why }) => `${file}:${index + 1}: ${why}`,
        ),
      ),
  );
}
