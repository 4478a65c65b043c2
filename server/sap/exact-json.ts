/** Written out, since the engine then looks at every 16th character only: most answers are through after this. */
const LONG_RUN = new RegExp('[0-9]'.repeat(16));
/** A number of 16 or more digits where a value may stand: a double may not carry it. Inside a text it costs only time. */
const LONG_NUMBER = /(?:^|[:,[\s])-?\d{16}/;
/** Texts, so that nothing inside them is taken for a number, and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const WHOLE_DIGITS = /^-?(\d+)/;
const MAX_DIGITS = 15;

/**
 * JSON as `JSON.parse` reads it, but for numbers with more than 15 digits before the point: those become texts of the same
 * digits, so that whoever expects a number refuses them instead of getting a rounded one. Digits behind the point are
 * left alone: SAP keeps six of them, and the rest is the trace of a double.
 * @returns undefined for what is no JSON
 */
export function parseExactly(body: string): unknown {
  try {
    return JSON.parse(LONG_RUN.test(body) && LONG_NUMBER.test(body) ? withLongNumbersAsText(body) : body);
  } catch {
    return undefined;
  }
}

function withLongNumbersAsText(body: string): string {
  return body.replace(TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    const digits = WHOLE_DIGITS.exec(token)?.[1]?.length ?? 0;
    return digits > MAX_DIGITS ? `"${token}"` : token;
  });
}
