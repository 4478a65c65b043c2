import { readFileSync } from 'node:fs';
import { contractsFolder } from './contracts-folder.ts';
import { Index, type SapIndex } from './sap-index.ts';
import { readMetadata } from './sap-metadata.ts';
import { readEvents } from './sap-openapi.ts';

/** A table that a customer adds for us (`bott_NoObject`): SAP gives every such table these two, and fields beginning U_. */
const USER_TABLE = {
  kind: 'entity',
  open: true,
  key: ['Code'],
  properties: { Code: { type: 'Edm.String' }, Name: { type: 'Edm.String' } },
  navigation: {},
};

let loaded: SapIndex | undefined;

/**
 * The names, types, enums and operations of Service Layer, best description first: the reduced index, which knows enums'
 * database values; the full metadata; for webhooks a newer OpenAPI. Undefined where the descriptions are missing.
 */
export function sapIndex(): SapIndex | undefined {
  const folder = contractsFolder();
  if (!folder) return undefined;
  loaded ??= load(folder);
  return loaded;
}

function load(folder: URL): SapIndex {
  const read = (file: string) => readFileSync(new URL(`sap-b1/${file}`, folder), 'utf8');
  const best = Index.parse(JSON.parse(read('service-layer-reduced.index.json')));
  const full = readMetadata(read('service-layer-v2-odata4-2024.edmx'));
  const events = readEvents(JSON.parse(read('openapi/administration.json')));
  return {
    entitySets: { ...events.entitySets, ...full.entitySets, ...best.entitySets },
    types: { ...events.types, ...full.types, ...best.types, UserTable: USER_TABLE },
    enums: { ...events.enums, ...full.enums, ...best.enums },
    operations: { ...events.operations, ...full.operations, ...best.operations },
  };
}

/** The type of a set; tables beginning with U_ are the customer's own. */
export function typeOfSet(index: SapIndex, set: string): string | undefined {
  return index.entitySets[set] ?? (set.startsWith('U_') ? 'UserTable' : undefined);
}
