import type { RequestLog } from '../../kernel/request-log.ts';
import type { PlainAnswer, PlainRequest } from './plain.ts';

const SECRET_MEMBERS = ['code', 'refresh_token', 'client_secret', 'token', 'access_token', 'http_auth_password'];

/** Notes a request with its answer; tokens, codes and passwords are masked. */
export function logRequest(
  log: RequestLog,
  at: number,
  request: PlainRequest,
  answer: PlainAnswer | 'drop',
  path: string = request.url.pathname + request.url.search,
): void {
  const { authorization, 'x-api-token': apiToken, ...headers } = request.headers;
  if (authorization !== undefined) headers['authorization'] = `${authorization.split(' ')[0]} [masked]`;
  if (apiToken !== undefined) headers['x-api-token'] = '[masked]';
  log.add({
    at,
    side: 'pipedrive',
    method: request.method,
    path,
    headers,
    body: masked(request.body),
    status: answer === 'drop' ? 0 : answer.status,
    responseBody: answer === 'drop' ? '' : masked(answer.body),
    client: request.headers['user-agent'] ?? '',
  });
}

function masked(text: string): string {
  return SECRET_MEMBERS.reduce(
    (result, name) =>
      result
        .replace(new RegExp(`("${name}"\\s*:\\s*)"[^"]*"`, 'g'), '$1"[masked]"')
        .replace(new RegExp(`(^|&)${name}=[^&]*`, 'g'), `$1${name}=[masked]`),
    text,
  );
}
