export interface BatchEntry {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Undefined outside of a change set. */
  readonly changeSet: number | undefined;
  readonly contentId: string | undefined;
}

export interface BatchAnswer {
  readonly status: number;
  readonly body: string;
}

/** The requests inside a `$batch`, change sets opened, in their order. */
export function batchRequests(body: string): BatchEntry[] {
  return httpMessages(body, /^(GET|POST|PATCH|PUT|MERGE|DELETE) (\S+)/).map(
    ({ match: [, method = '', path = ''], rest, head, changeSet }) => ({
      method,
      path: path.startsWith('/') ? path : `/b1s/v2/${path}`,
      body: rest,
      changeSet,
      contentId: /^content-id:\s*(\S+)/im.exec(head)?.[1],
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

interface Message {
  readonly match: RegExpExecArray;
  /** The part's own headers. */
  readonly head: string;
  readonly rest: string;
  readonly changeSet: number | undefined;
}

/** Every section between boundaries, of whatever depth, that holds an HTTP message behind its own headers. */
function httpMessages(body: string, start: RegExp): Message[] {
  const messages: Message[] = [];
  let inner: string | undefined;
  let sets = 0;
  for (const { boundary, text } of sections(body.replaceAll('\r\n', '\n'))) {
    if (inner !== undefined && boundary === `${inner}--`) inner = undefined;
    const head = text.trimStart().split('\n\n')[0] ?? '';
    const opened = /^content-type:\s*multipart\/mixed\s*;.*?boundary="?([^";\s]+)/im.exec(head)?.[1];
    if (opened !== undefined) {
      inner = opened;
      sets += 1;
    }
    const message = behindBlankLine(text.trimStart());
    const match = start.exec(message);
    if (match) {
      messages.push({
        match,
        head,
        rest: behindBlankLine(message).trim(),
        changeSet: inner === undefined ? undefined : sets,
      });
    }
  }
  return messages;
}

function sections(body: string): { boundary: string; text: string }[] {
  return body
    .split(/^--(?=.)/m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return end < 0
        ? { boundary: section.trim(), text: '' }
        : { boundary: section.slice(0, end).trim(), text: section.slice(end + 1) };
    });
}

function behindBlankLine(text: string): string {
  const blank = text.indexOf('\n\n');
  return blank < 0 ? '' : text.slice(blank + 2);
}
