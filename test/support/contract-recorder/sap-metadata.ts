import type { SapIndex, SapProperty } from './sap-index.ts';

/** `$metadata` of OData v4, taken apart as far as names and types go. Company-own `U_` properties are left out. */
export function readMetadata(edmx: string): SapIndex {
  return {
    entitySets: Object.fromEntries(
      [...edmx.matchAll(/<EntitySet\s+EntityType="SAPB1\.(\w+)"\s+Name="(\w+)"/g)].map(([, type = '', set = '']) => [
        set,
        type,
      ]),
    ),
    types: Object.fromEntries(elements(edmx, 'EntityType|ComplexType').map(readType)),
    enums: Object.fromEntries(elements(edmx, 'EnumType').map(({ name, inner }) => [name, membersOf(inner)])),
    operations: Object.fromEntries(elements(edmx, 'Action|Function').map(readOperation)),
  };
}

interface Element {
  readonly tag: string;
  readonly name: string;
  readonly attributes: string;
  readonly inner: string;
}

function elements(edmx: string, tags: string): Element[] {
  const pattern = new RegExp(`<(${tags})((?:\\s[^>]*?)?\\sName="(\\w+)"[^>]*?)(?:/>|>([\\s\\S]*?)</\\1>)`, 'g');
  return [...edmx.matchAll(pattern)].map(([, tag = '', attributes = '', name = '', inner = '']) => ({
    tag,
    name,
    attributes,
    inner,
  }));
}

function readType({ tag, name, attributes, inner }: Element): [string, SapIndex['types'][string]] {
  const properties = [...inner.matchAll(/<Property\s([^>]*)>/g)].flatMap(([, text = '']) => {
    const property = attribute(text, 'Name');
    return property.startsWith('U_') ? [] : [[property, typed(attribute(text, 'Type'))] as const];
  });
  const key = [...inner.matchAll(/<PropertyRef\s+Name="(\w+)"/g)].map(([, field = '']) => field);
  const navigation = [...inner.matchAll(/<NavigationProperty\s([^>]*)>/g)].map(([, text = '']) => [
    attribute(text, 'Name'),
    {},
  ]);
  return [
    name,
    {
      kind: tag === 'EntityType' ? 'entity' : 'complex',
      open: attributes.includes('OpenType="true"'),
      key,
      properties: Object.fromEntries(properties),
      navigation: Object.fromEntries(navigation),
    },
  ];
}

function membersOf(inner: string): Record<string, { db?: string }> {
  return Object.fromEntries([...inner.matchAll(/<Member\s+Name="([^"]*)"/g)].map(([, member = '']) => [member, {}]));
}

/** Bound ones stand under `Type/Action`, as in the reduced description. */
function readOperation({ tag, name, attributes, inner }: Element): [string, SapIndex['operations'][string]] {
  const bound = attributes.includes('IsBound="true"');
  const parameters = [...inner.matchAll(/<Parameter\s([^>]*)>/g)].map(([, text = '']) => ({
    name: attribute(text, 'Name'),
    ...typed(attribute(text, 'Type')),
  }));
  const returns = /<ReturnType\s[^>]*Type="([^"]+)"/.exec(inner)?.[1]?.replaceAll('SAPB1.', '');
  return [
    bound ? `${parameters[0]?.type ?? ''}/${name}` : name,
    {
      kind: tag === 'Function' ? 'function' : 'action',
      bound,
      params: bound ? parameters.slice(1) : parameters,
      ...(returns === undefined ? {} : { returns }),
    },
  ];
}

function typed(type: string): SapProperty {
  const member = /^Collection\((.*)\)$/.exec(type)?.[1];
  return member === undefined
    ? { type: type.replace('SAPB1.', '') }
    : { type: member.replace('SAPB1.', ''), collection: true };
}

function attribute(text: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '';
}
