export interface BatchEntry {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface BatchAnswer {
  readonly status: number;
  readonly body: string;
}

/** The requests inside a `$batch`, change sets opened, in their order. */
export function batchRequests(body: string): BatchEntry[] {
  return httpMessages(body, /^(GET|POST|PATCH|PUT|DELETE) (\S+)/).map(
    ({ match: [, method = '', path = ''], rest }) => ({
      method,
      path: path.startsWith('/') ? path : `/b1s/v2/${path}`,
      body: rest,
    }),
  );
}

/** The answers inside a `$batch` answer, in their order; fewer than asked for where one failed. */
export function batchAnswers(body: string): BatchAnswer[] {
  return httpMessages(body, /^HTTP\/1\.\d (\d{3})/).map(({ match: [, status = ''], rest }) => ({
    status: Number(status),
    body: rest,
  }));
}

/** Every section between boundaries, of whatever depth, that holds an HTTP message behind its own headers. */
function httpMessages(body: string, start: RegExp): { match: RegExpExecArray; rest: string }[] {
  const sections = body.replaceAll('\r\n', '\n').split(/^--.*$/m);
  return sections.flatMap((section) => {
    const message = behindBlankLine(section.trimStart());
    const match = start.exec(message);
    return match ? [{ match, rest: behindBlankLine(message).trim() }] : [];
  });
}

function behindBlankLine(text: string): string {
  const blank = text.indexOf('\n\n');
  return blank < 0 ? '' : text.slice(blank + 2);
}
