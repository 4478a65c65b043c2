import { findCycles } from './find-cycles.ts';
import { type ModuleFacts, readFacts, resolveSpecifier } from './module-facts.ts';
import { APARTMENTS, COMMON_PARTS, DEFAULT_EXPORT_ASKED, ROOMS, WIRING, WITHOUT_NODE } from './rooms.ts';

/** Sources by their path relative to the project, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

type Rule = (facts: ModuleFacts, all: Sources) => string[];

/**
 * Everything that is wrong with how the project's modules are cut and who imports whom; empty if all is well.
 * @param onDisk all modules that exist, listed by other means: one that was not read is a violation too
 */
export function findViolations(sources: Sources, onDisk: readonly string[]): readonly string[] {
  const facts = [...sources].map(([file, source]) => readFacts(file, source));
  const rules: Rule[] = [
    parses,
    checkable,
    resolves,
    respectsRooms,
    staysInApartment,
    usesOwnPackages,
    named,
    noBarrel,
  ];
  return [
    ...onDisk.filter((file) => !sources.has(file)).map((file) => `${file}: exists, but was not read`),
    ...facts.flatMap((each) => rules.flatMap((rule) => rule(each, sources).map((says) => `${each.file}: ${says}`))),
    ...findCycles(importGraph(facts)).map(
      (cycle) => `${cycle[0]}: imports itself through ${cycle.slice(1).join(', ')}`,
    ),
  ];
}

const parses: Rule = ({ faults }) => faults.map((fault) => `cannot be parsed: ${fault}`);

const checkable: Rule = ({ file, hasComputedImport }) =>
  hasComputedImport && !/^(test|scripts)\//.test(file) ? ['imports what is only known when it runs'] : [];

/** A specifier without its ending, or of a module that is not there, would slip through all other rules. */
const resolves: Rule = ({ file, specifiers }, all) =>
  specifiers.flatMap((specifier) => {
    const target = resolveSpecifier(file, specifier);
    if (target === undefined || isAsset(target) || all.has(target)) return [];
    return [`imports ${specifier}, which is no module of the project`];
  });

const respectsRooms: Rule = ({ file, specifiers }) => {
  const home = roomOf(file);
  const room = home === undefined ? undefined : ROOMS[home];
  if (!room) return ['lies in no room'];
  if (room.mayImport === 'anything') return [];
  const allowed = [...room.holds, ...room.mayImport];
  return targets(file, specifiers)
    .filter((target) => roomOf(target) !== home && !allowed.some((pattern) => pattern.test(target)))
    .map((target) => `${home} must not import ${target}`);
};

const staysInApartment: Rule = ({ file, specifiers }) => {
  const all = targets(file, specifiers);
  const strangers = APARTMENTS.flatMap(({ folder, shared, says }) => {
    const own = folder.exec(file)?.[1];
    if (own === undefined || shared.test(file)) return [];
    const foreign = all.filter((target) => {
      const theirs = folder.exec(target)?.[1];
      return theirs !== undefined && theirs !== own && !shared.test(target);
    });
    return foreign.map((target) => `must not import ${says}: ${target}`);
  });
  const known = COMMON_PARTS.filter(({ holds }) => holds.test(file)).flatMap(({ mustNotImport, says }) =>
    all.filter((target) => mustNotImport.test(target)).map((target) => `must not import ${says}: ${target}`),
  );
  return [...strangers, ...known];
};

const usesOwnPackages: Rule = ({ file, specifiers }) => {
  const home = roomOf(file);
  if (home === undefined || ROOMS[home]?.mayImport === 'anything' || home === 'test/practice' || home === WIRING)
    return [];
  const withoutNode = WITHOUT_NODE[home];
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith('.')) return [];
    if (specifier.startsWith('node:'))
      return withoutNode && !withoutNode.includes(specifier) ? [`${home} must do without ${specifier}`] : [];
    const owners = ownersOf(packageOf(specifier));
    return owners.length === 0 || owners.includes(home)
      ? []
      : [`${specifier} is known to ${owners.join(' and ')} alone`];
  });
};

/** Migrations are named as knex names them: a time and words. */
const KEBAB = /^(\d{14}(_[a-z0-9]+)+|[a-z0-9]+(-[a-z0-9]+)*)(\.[a-z0-9]+)*\.(tsx?|mjs)$/;

const named: Rule = ({ file, hasDefaultExport }) => [
  ...(KEBAB.test(file.slice(file.lastIndexOf('/') + 1)) ? [] : ['its name is not in kebab-case']),
  ...(hasDefaultExport && !DEFAULT_EXPORT_ASKED.some((pattern) => pattern.test(file)) ? ['has a default export'] : []),
];

const noBarrel: Rule = ({ file, isBarrel }) =>
  isBarrel || /(^|\/)index\.tsx?$/.test(file) ? ['is a barrel file: import from where things are'] : [];

function importGraph(facts: readonly ModuleFacts[]): Map<string, readonly string[]> {
  return new Map(facts.map(({ file, specifiers }) => [file, targets(file, specifiers)]));
}

function targets(file: string, specifiers: readonly string[]): string[] {
  const resolved = specifiers.flatMap((specifier) => resolveSpecifier(file, specifier) ?? []);
  return [...new Set(resolved)].filter((target) => !isAsset(target));
}

/** Styles, pictures and the like, perhaps with a query of the bundler. */
const isAsset = (target: string): boolean => /\.(css|svg|png|json|html)(\?|$)/.test(target);

function roomOf(file: string): string | undefined {
  return Object.entries(ROOMS).find(([, { holds }]) => holds.some((pattern) => pattern.test(file)))?.[0];
}

function ownersOf(packageName: string): string[] {
  return Object.entries(ROOMS).flatMap(([name, { owns = [] }]) => (owns.includes(packageName) ? [name] : []));
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
