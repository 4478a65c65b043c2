import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const YEAR_SECONDS = 31_536_000;

const CLOSED = {
  'default-src': ["'none'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** What every answer carries: nothing may run, frame, sniff, keep or pass on. Framed pages open it with `allowFraming`. */
export function securityHeaders(options: { https: boolean }): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: CLOSED },
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
      strictTransportSecurity: options.https ? { maxAge: YEAR_SECONDS, includeSubDomains: true } : false,
    }),
    (_req, res, next) => {
      res.setHeader('Cache-Control', 'no-store');
      next();
    },
  ];
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** Own scripts and styles run; nobody may frame the page. */
export function allowOwnContent(res: Response): void {
  setPagePolicy(res, []);
}

/**
 * As above, and exactly these origins may frame the page. `X-Frame-Options` cannot say that, so it goes.
 * @throws {Error} for what is no plain origin: a wildcard or a second directive must never get in
 */
export function allowFraming(res: Response, origins: readonly string[]): void {
  setPagePolicy(res, origins);
  res.removeHeader('X-Frame-Options');
  // A parent that isolates itself (COEP) could not frame the page otherwise.
  res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

const ORIGIN =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/;

function setPagePolicy(res: Response, origins: readonly string[]): void {
  if (!origins.every((origin) => ORIGIN.test(origin))) throw new Error('A framing origin is malformed.');
  const ancestors = origins.length === 0 ? "'none'" : origins.join(' ');
  res.setHeader('Content-Security-Policy', [...PAGE_POLICY, `frame-ancestors ${ancestors}`].join('; '));
}
