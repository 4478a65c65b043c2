import { createPracticeClock, type MovablePracticeClock } from '../../practice/kernel/clock.ts';
import type { CompanyOptions, PracticePipedriveOptions } from '../../practice/pipedrive/options.ts';
import {
  type PracticeCompany,
  type PracticePipedrive,
  startPracticePipedrive,
} from '../../practice/pipedrive/start.ts';

export const CALLBACK = 'http://127.0.0.1:9/oauth/callback';
export const ADMIN = { id: 42, name: 'Anna Weber', email: 'anna@acme.example', is_admin: true };
export const REP = { id: 43, name: 'Ben Kurz', email: 'ben@acme.example' };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes are looked into freely by these tests
  body: any;
}

export interface Rig {
  clock: MovablePracticeClock;
  pipedrive: PracticePipedrive;
  company: PracticeCompany;
  tokenOf(userId: number): Promise<{ access: string; refresh: string }>;
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** A form with parts, as the admin. */
  upload(path: string, form: FormData): Promise<Answer>;
}

export interface CallOptions {
  userId?: number;
  token?: string;
  /** A personal API token instead of the app's. */
  apiToken?: string;
}

/** A practice Pipedrive with one company, one admin and one rep, on a clock that stands still. */
export async function startRig(
  company: Partial<CompanyOptions> = {},
  options: Partial<PracticePipedriveOptions> = {},
): Promise<Rig> {
  const clock = createPracticeClock({ start: Date.parse('2026-11-23T09:00:00Z'), frozen: true });
  const pipedrive = await startPracticePipedrive({
    clock,
    seed: 7,
    clientId: 'app-1',
    clientSecret: 'app-secret',
    jwtSecret: 'jwt-secret',
    appCallbackUrl: CALLBACK,
    ...options,
  });
  const added = await pipedrive.addCompany({
    id: 1234567,
    name: 'Acme',
    domain: 'acme',
    users: [ADMIN, REP],
    burstLimit: 'off',
    ...company,
  });
  added.state.switches.probeWebhookTargets = false;
  const tokens = new Map<number, { access: string; refresh: string }>();
  const rig: Rig = {
    clock,
    pipedrive,
    company: added,
    tokenOf: async (userId) => {
      const known = tokens.get(userId);
      if (known) return known;
      const code = codeFor(pipedrive, userId);
      const answer = await tokenCall(pipedrive, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
      const issued = { access: answer.body.access_token, refresh: answer.body.refresh_token };
      tokens.set(userId, issued);
      return issued;
    },
    upload: async (path, form) => {
      const authorization = `Bearer ${(await rig.tokenOf(ADMIN.id)).access}`;
      const url = `${added.apiDomain}${path}`;
      return read(await fetch(url, { method: 'POST', headers: { authorization }, body: form }));
    },
    call: async (method, path, body, { userId = ADMIN.id, token, apiToken } = {}) => {
      const access = apiToken ?? token ?? (await rig.tokenOf(userId)).access;
      return read(
        await fetch(`${added.apiDomain}${path}`, {
          method,
          headers: {
            ...(apiToken === undefined ? { authorization: `Bearer ${access}` } : { 'x-api-token': access }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    },
  };
  return rig;
}

export function codeFor(pipedrive: PracticePipedrive, userId: number): string {
  const url = `${pipedrive.oauthUrl}/oauth/authorize?client_id=app-1&redirect_uri=${encodeURIComponent(CALLBACK)}&state=s1`;
  return new URL(pipedrive.consent(url, { userId })).searchParams.get('code') ?? '';
}

export async function tokenCall(
  pipedrive: PracticePipedrive,
  form: Record<string, string>,
  secret = 'app-secret',
  path = '/oauth/token',
): Promise<Answer> {
  return read(
    await fetch(`${pipedrive.oauthUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`app-1:${secret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    }),
  );
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, text, body };
}
