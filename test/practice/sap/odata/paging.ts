import type { Fields } from '../../kernel/json.ts';
import type { Scene, SlRequest } from '../messages.ts';
import { preference } from '../messages.ts';

const DEFAULT_PAGE = 20;

/** How many rows a page holds, and what is said about it. 0 means everything at once. */
export function pageSize(scene: Scene, request: SlRequest): { rows: number; headers: Record<string, string> } {
  if (scene.company.settings.pageSizes === 'always_20') return { rows: DEFAULT_PAGE, headers: {} };
  const preferred = preference(request, 'odata.maxpagesize');
  if (preferred !== undefined && /^\d+$/.test(preferred)) {
    return { rows: Number(preferred), headers: { 'Preference-Applied': `odata.maxpagesize=${preferred}` } };
  }
  const configured = request.headers['b1s-pagesize'] ?? '';
  return { rows: /^\d+$/.test(configured) ? Number(configured) : DEFAULT_PAGE, headers: {} };
}

/** A page that happens to be full still gets a link, were it the last. */
export function cutPage(
  rows: Fields[],
  { skip, top }: { readonly skip: number; readonly top: number | undefined },
  size: number,
): { rows: Fields[]; next?: { skip: number; top?: number } } {
  const wanted = Math.min(top ?? Number.POSITIVE_INFINITY, size === 0 ? Number.POSITIVE_INFINITY : size);
  const page = rows.slice(skip, Number.isFinite(wanted) ? skip + wanted : undefined);
  const full = size > 0 && page.length === size;
  const leftOfTop = top === undefined ? undefined : top - page.length;
  if (!full || leftOfTop === 0) return { rows: page };
  return { rows: page, next: leftOfTop === undefined ? { skip: skip + size } : { skip: skip + size, top: leftOfTop } };
}
