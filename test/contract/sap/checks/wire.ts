import { z } from 'zod';
import { differs, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { annotationOf, errorOf, rowsOf } from '../raw-client.ts';

const LoginBody = z.looseObject({ SessionId: z.string(), SessionTimeout: z.number(), Version: z.string() });
const Pong = z.looseObject({ message: z.literal('pong'), timestamp: z.union([z.string(), z.number()]) });

/** Sessions, cookies, dialects and what lies beside them. Source: reference 1.1, 2 and 3. */
export const wireChecks: readonly Check[] = [
  {
    name: 'session.sign-in',
    claim: 'Login answers 200 with SessionId, version and time-out in minutes, and sets B1SESSION.',
    async run({ raw }) {
      const body = LoginBody.safeParse(raw.signedIn.json);
      if (!body.success) return differs('The body has no SessionId, SessionTimeout and Version.');
      const cookies = raw.signedIn.setCookies;
      const session = cookies.find((line) => line.startsWith('B1SESSION='));
      const route = cookies.some((line) => line.startsWith('ROUTEID='));
      const { Version, SessionTimeout } = body.data;
      return verdict(
        [
          [session !== undefined, 'No cookie B1SESSION came with it.'],
          [SessionTimeout > 0, `SessionTimeout is ${SessionTimeout}.`],
          [raw.signedIn.text.includes('SessionId'), 'The body is empty.'],
        ],
        `Version ${Version}, idle ${SessionTimeout} minutes, ROUTEID ${route ? 'set' : 'not set'}, B1SESSION ${/path=/i.test(session ?? '') ? 'with' : 'without'} a path.`,
      );
    },
  },
  {
    name: 'session.needed',
    claim: 'Without a session every request is answered with 401 and code 301, and not with data.',
    async run({ raw }) {
      const answer = await raw.once('GET', 'Items?$top=1&$select=ItemCode', { cookie: 'B1SESSION=none' });
      const error = errorOf(answer);
      return verdict([
        [answer.status === 401, `The status is ${answer.status}.`],
        [error?.code === '301', `The code is ${error?.code ?? 'missing'}.`],
      ]);
    },
  },
  {
    name: 'session.sign-out',
    claim: 'Logout answers 204, and its session is refused from then on.',
    async run({ raw }) {
      const { cookie } = await raw.signIn();
      const out = await raw.once('POST', 'Logout', { cookie });
      const after = await raw.once('GET', 'Items?$top=1&$select=ItemCode', { cookie });
      return verdict([
        [out.status === 204, `Logout is answered with ${out.status}.`],
        [after.status === 401, `The session still answers, with ${after.status}.`],
      ]);
    },
  },
  {
    name: 'session.parallel',
    claim: 'Several requests at once on one session are all answered.',
    async run({ raw }) {
      const answers = await Promise.all([1, 2, 3].map(() => raw.read('Items?$top=1&$select=ItemCode')));
      const statuses = answers.map(({ status }) => status);
      return verdict([[statuses.every((status) => status === 200), `They were answered with ${statuses.join(', ')}.`]]);
    },
  },
  {
    name: 'dialect.errors',
    claim: 'v1 writes error codes as numbers, v2 as text.',
    async run({ raw }) {
      const error = errorOf(await raw.read("BusinessPartners('~none~')?$select=CardCode"));
      if (error === undefined) return differs('A record that does not exist is not answered with an error.');
      const expected = raw.version === 'v1' ? 'number' : 'text';
      return verdict([[error.codeIs === expected, `On ${raw.version} the code is a ${error.codeIs}.`]]);
    },
  },
  {
    name: 'dialect.dates',
    claim: 'Dates are days: bare on v1, with T00:00:00Z on v2.',
    async run({ raw }) {
      const [row] = rowsOf(await raw.read('Invoices?$top=1&$select=DocEntry,DocDate')) ?? [];
      const date = row?.['DocDate'];
      if (typeof date !== 'string') return notAsked('There is no invoice to look at.');
      const fits = raw.version === 'v1' ? /^\d{4}-\d\d-\d\d(T00:00:00Z?)?$/ : /^\d{4}-\d\d-\d\d(T00:00:00Z)?$/;
      return verdict([[fits.test(date), `A date reads ${date}.`]], `A date reads ${date}.`);
    },
  },
  {
    name: 'ping.clock',
    claim: '/ping/ answers without a session and tells the time; a proxy may hide it.',
    async run({ raw }) {
      const answer = await raw.outside('/ping/');
      const pong = Pong.safeParse(answer.json);
      if (answer.status !== 200 || !pong.success) return holds(`Hidden: answered with ${answer.status}.`);
      const seconds = Number(pong.data.timestamp);
      return verdict(
        [[Number.isFinite(seconds) && seconds > 1e9, `The time reads ${String(pong.data.timestamp)}.`]],
        'Answered, in seconds since 1970.',
      );
    },
  },
  {
    name: 'dialect.annotations',
    claim: 'v1 annotates as odata.metadata, v2 as @odata.context.',
    async run({ raw }) {
      const answer = await raw.read('Items?$top=1&$select=ItemCode');
      const name = raw.version === 'v1' ? 'odata.metadata' : '@odata.context';
      return verdict([[annotationOf(answer, name) !== undefined, `${name} is missing.`]]);
    },
  },
  {
    name: 'wire.compression',
    claim: 'Answers may be compressed where the client takes gzip, and are the same.',
    async run({ raw }) {
      const answer = await raw.once('GET', 'Items?$top=20&$select=ItemCode,ItemName', {
        headers: { 'accept-encoding': 'gzip' },
      });
      const encoding = answer.header('content-encoding');
      return verdict(
        [[encoding === undefined || encoding === 'gzip', `The answer comes as ${encoding}.`]],
        encoding === undefined ? 'It does not compress.' : 'It compresses.',
      );
    },
  },
];
