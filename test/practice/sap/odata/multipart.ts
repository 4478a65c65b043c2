/** One part of a multipart body: its own headers in lower case, and what follows them. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The boundary that a content type names, if it is a multipart one. */
export function boundaryOf(contentType: string): string | undefined {
  const match = /^multipart\/mixed\s*;\s*boundary=("?)([^";]+)\1/i.exec(contentType);
  return match?.[2];
}

/** The parts between the boundaries; undefined where the closing boundary is missing or text stands outside. */
export function parseParts(body: string, boundary: string): Part[] | undefined {
  const sections = `\n${body}`.split(new RegExp(`\\r?\\n--${escapeRegExp(boundary)}`));
  const last = sections.at(-1);
  if (sections.length < 3 || last === undefined || !last.startsWith('--')) return undefined;
  return sections.slice(1, -1).map((section) => readPart(section.replace(/^[ \t]*\r?\n/, '')));
}

function readPart(section: string): Part {
  const cut = /\r?\n\r?\n/.exec(section);
  if (cut === null) return { headers: {}, body: '' };
  const headers: Record<string, string> = {};
  for (const line of section.slice(0, cut.index).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body: section.slice(cut.index + cut[0].length) };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
