import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, RequestHandler } from 'express';
import { NotFoundError } from '../../kernel/errors.ts';
import { allowFraming } from '../middleware/security-headers.ts';
import type { TokenVerifier } from '../token-verifier.ts';
import type { UseCases } from '../use-cases.ts';

export interface ExtensionPageOptions {
  readonly useCases: Pick<UseCases, 'frameAncestorsFor'>;
  readonly verifier: TokenVerifier;
  /** Where the built extension lies. */
  readonly extensionDir: string;
}

/**
 * The page of one iframe. It holds no data, so it is served without a valid token too and then says what is wrong; the
 * token, or the company in the address, only tells whose hosts may frame it.
 */
export function extensionPage(file: 'panel.html' | 'settings.html', options: ExtensionPageOptions): RequestHandler {
  return async (req, res) => {
    const html = await readPage(join(options.extensionDir, file));
    allowFraming(res, await options.useCases.frameAncestorsFor(await companyOf(req, options.verifier)));
    res.type('html').send(html);
  };
}

const COMPANY_ID = /^[1-9]\d{0,18}$/;

/**
 * The company of the token, unless the unsigned copies in the address contradict it; without a token that is ours, the
 * unsigned company, since Pipedrive puts it there too. It decides framing and nothing else.
 */
async function companyOf(req: Request, verifier: TokenVerifier): Promise<string | undefined> {
  const { token, companyId, userId } = req.query;
  const claims = typeof token === 'string' ? await verifier.identify(token) : undefined;
  if (!claims) return typeof companyId === 'string' && COMPANY_ID.test(companyId) ? companyId : undefined;
  const agrees = (given: unknown, signed: string): boolean => given === undefined || given === signed;
  return agrees(companyId, claims.companyId) && agrees(userId, String(claims.userId)) ? claims.companyId : undefined;
}

async function readPage(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new NotFoundError('This page has not been built. Run npm run build.', { cause });
  }
}
