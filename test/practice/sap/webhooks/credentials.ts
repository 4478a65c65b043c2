import { createHmac } from 'node:crypto';
import type { Fields } from '../../kernel/json.ts';
import { isFields, parseJson, textOf } from '../../kernel/json.ts';
import { refused } from '../errors.ts';

const ALGORITHMS: Readonly<Record<string, string>> = {
  hmacsha256: 'sha256',
  hmacsha384: 'sha384',
  hmacsha512: 'sha512',
};

/** @throws SapError where the kind of authentication and its credentials do not go together. */
export function checkCredentials(subscription: Fields): void {
  const cred = credentialsOf(subscription);
  switch (textOf(subscription, 'AuthenticationType')) {
    case 'None':
      return;
    case 'Basic':
      if (textOf(cred, 'Username') === '' || textOf(cred, 'Password') === '')
        throw refused('User name or password is missing  [OEVC.AuthCred]');
      return;
    case 'HMAC':
      if (textOf(cred, 'Key') === '' || algorithmOf(cred) === undefined)
        throw refused('Key or algorithm is missing or invalid  [OEVC.AuthCred]');
      return;
    default:
      throw refused('The practice company signs with HMAC or Basic only  [OEVC.AuthType]');
  }
}

/** What goes with a request to the subscriber: a signature over the body (or the token), or Basic. */
export function authHeaders(subscription: Fields, signed: string): Record<string, string> {
  const cred = credentialsOf(subscription);
  if (textOf(subscription, 'AuthenticationType') === 'Basic') {
    const pair = `${textOf(cred, 'Username')}:${textOf(cred, 'Password')}`;
    return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  const algorithm = algorithmOf(cred);
  if (textOf(subscription, 'AuthenticationType') !== 'HMAC' || algorithm === undefined) return {};
  return { 'X-B1-Webhook-Signature': createHmac(algorithm, textOf(cred, 'Key')).update(signed).digest('base64') };
}

const algorithmOf = (cred: Fields): string | undefined => ALGORITHMS[textOf(cred, 'Algorithm').toLowerCase()];

function credentialsOf(subscription: Fields): Fields {
  const parsed = parseJson(textOf(subscription, 'AuthenticationCred') || '{}');
  return isFields(parsed) ? parsed : {};
}
