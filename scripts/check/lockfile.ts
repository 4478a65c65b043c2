import { z } from 'zod';

const Package = z.object({
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Package) });
export type Lock = z.infer<typeof Lock>;

/** @param text of package-lock.json */
export function parseLock(text: string): Lock {
  return Lock.parse(JSON.parse(text));
}

/**
 * Optional dependencies that some package of the lock names and the lock lacks. npm leaves a platform's build out without
 * a word if the registry lacked it that day, and `npm ci` then fails on that platform.
 */
export function findMissingFromLock({ packages }: Lock): readonly string[] {
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !candidates(place, name).some((candidate) => Object.hasOwn(packages, candidate)))
      .map((name) => `${name}, an optional dependency of ${place || 'the project'}, is missing from package-lock.json`),
  );
}

/** Packages that the image carries, as `npm ci --omit=dev --omit=optional` installs them. */
export function countProductionPackages({ packages }: Lock): number {
  return Object.entries(packages).filter(([place, { dev, optional }]) => place !== '' && !dev && !optional).length;
}

/** Where Node looks for a package from another one's place: its own folder, then each one above. */
function candidates(place: string, name: string): string[] {
  const parts = place === '' ? [] : place.split('/node_modules/');
  return [...parts.keys(), parts.length]
    .reverse()
    .map((depth) => [...parts.slice(0, depth), ''].join('/node_modules/') + name)
    .map((path) => path.replace(/^\/node_modules\//, 'node_modules/'))
    .map((path) => (path.startsWith('node_modules/') ? path : `node_modules/${path}`));
}
