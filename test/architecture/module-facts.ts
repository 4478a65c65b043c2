import path from 'node:path';
import { parseSync } from 'oxc-parser';

/** What the rules need to know of one module. Paths are relative to the project, with forward slashes. */
export interface ModuleFacts {
  readonly file: string;
  /** Every specifier, also those of types, re-exports, `import(...)` and `typeof import(...)`. */
  readonly specifiers: readonly string[];
  readonly hasDefaultExport: boolean;
  /** Passes on what others export, and says nothing itself; or passes on all of another module. */
  readonly isBarrel: boolean;
  /** Imports that no rule can check, since what they import is only known when they run. */
  readonly hasComputedImport: boolean;
  readonly faults: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

/** Reads one module as TypeScript. What cannot be parsed has faults, and must never count as a module without imports. */
export function readFacts(file: string, source: string): ModuleFacts {
  const { program, errors } = parseSync(file, source);
  const statements: readonly unknown[] = program.body;
  const body = statements.filter(isNode);
  const nodes = [...walk(program)];
  return {
    file,
    specifiers: nodes.flatMap((node) => specifierOf(node) ?? []),
    hasDefaultExport: nodes.some(isDefaultExport),
    isBarrel:
      body.some((node) => node['type'] === 'ExportAllDeclaration') || (body.length > 0 && body.every(isPassedOn)),
    hasComputedImport: nodes.some(
      (node) => node['type'] === 'ImportExpression' && literal(node['source']) === undefined,
    ),
    faults: errors.map((error) => error.message),
  };
}

/** The project's own module that a relative specifier means. */
export function resolveSpecifier(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : undefined;
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const each of value) yield* walk(each);
  } else if (isNode(value)) {
    if (typeof value['type'] === 'string') yield value;
    for (const each of Object.values(value)) yield* walk(each);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All nodes that import or re-export carry a literal `source`; `import x = require('y')` and `require('y')` do not. */
function specifierOf(node: Node): string | undefined {
  if (node['type'] === 'TSExternalModuleReference') return literal(node['expression']);
  if (node['type'] === 'CallExpression' && isNode(node['callee']) && node['callee']['name'] === 'require')
    return literal(Array.isArray(node['arguments']) ? node['arguments'][0] : undefined);
  return literal(node['source']);
}

function literal(node: unknown): string | undefined {
  return isNode(node) && node['type'] === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;
}

function isDefaultExport(node: Node): boolean {
  if (node['type'] === 'ExportDefaultDeclaration') return true;
  return node['type'] === 'ExportSpecifier' && isNode(node['exported']) && node['exported']['name'] === 'default';
}

/** `export … from`, `export { x }` and the imports that these need. */
function isPassedOn(node: Node): boolean {
  return (
    node['type'] === 'ImportDeclaration' || (node['type'] === 'ExportNamedDeclaration' && node['declaration'] === null)
  );
}
