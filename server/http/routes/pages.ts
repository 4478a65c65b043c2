import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { NotFoundError } from '../../kernel/errors.ts';
import { type ExtensionPageOptions, extensionPage } from '../pages/extension-pages.ts';
import type { RouteTable } from '../route-table.ts';

const YEAR_SECONDS = 31_536_000;

/** The iframes' pages and the files they load. */
export function addPageRoutes(table: RouteTable, options: ExtensionPageOptions): void {
  table.add({ method: 'get', path: '/panel', kind: 'framed' }, extensionPage('panel.html', options));
  table.add({ method: 'get', path: '/settings', kind: 'framed' }, extensionPage('settings.html', options));
  table.add({ method: 'get', path: '/assets/:file', kind: 'data' }, asset(join(options.extensionDir, 'assets')));
}

function asset(root: string): RequestHandler {
  // The name of a file holds a hash of what is in it.
  const headers = { 'Cache-Control': `public, max-age=${YEAR_SECONDS}, immutable` };
  return (req, res, next) => {
    const { file } = req.params;
    if (typeof file !== 'string') throw new NotFoundError('There is no such file.');
    res.sendFile(file, { root, headers, dotfiles: 'deny', etag: false, cacheControl: false }, (error) => {
      // Once the head is out, an error means that the browser has gone.
      if (error && !res.headersSent) next(new NotFoundError('There is no such file.', { cause: error }));
    });
  };
}
