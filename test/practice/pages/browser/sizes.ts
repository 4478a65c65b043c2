import { isRecord } from './frame-protocol.ts';

export interface Size {
  width?: number;
  height?: number;
}

export type Surface = 'panel' | 'modal' | 'settings';

interface Range {
  width?: readonly [min: number, max: number];
  height?: readonly [min: number, max: number];
}

/** Documented limits in pixels; a panel's width is fixed, the settings page has no published range. */
function rangeOf(surface: Surface, viewport: { width: number; height: number }): Range {
  if (surface === 'panel') return { height: [100, 750] };
  if (surface === 'modal') return { width: [320, viewport.width], height: [120, viewport.height] };
  return { width: [0, viewport.width], height: [0, 10_000] };
}

/**
 * The size to apply. What lies outside its range is ignored, which is what others saw.
 * @throws Error in strict mode instead; what Pipedrive really does is not documented.
 */
export function acceptedSize(
  surface: Surface,
  wanted: unknown,
  viewport: { width: number; height: number },
  strict: boolean,
): Size {
  const range = rangeOf(surface, viewport);
  const accepted: Size = {};
  for (const side of ['width', 'height'] as const) {
    const value = isRecord(wanted) ? wanted[side] : undefined;
    const limits = range[side];
    if (typeof value !== 'number' || !limits) continue;
    if (value >= limits[0] && value <= limits[1]) accepted[side] = value;
    else if (strict) throw new Error(`The ${side} must be between ${limits[0]} and ${limits[1]}`);
  }
  return accepted;
}
