import type { Request, Response } from 'express';

const LIFETIME_MS = 600_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * Binds an OAuth state to the browser that started. `__Host-` keeps neighbouring hosts from planting one; browsers take
 * that name over https alone, so plain http (the practice company) goes without.
 */
export function createBrowserCookie(https: boolean) {
  const name = https ? '__Host-orderline-install' : 'orderline-install';
  const attributes = { httpOnly: true, secure: https, sameSite: 'lax', path: '/' } as const;
  return {
    read(req: Request): string | undefined {
      const value = cookieValue(req.headers.cookie, name);
      return value !== undefined && TOKEN.test(value) ? value : undefined;
    },
    write(res: Response, value: string): void {
      res.cookie(name, value, { ...attributes, maxAge: LIFETIME_MS });
    },
  };
}

export type BrowserCookie = ReturnType<typeof createBrowserCookie>;

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
