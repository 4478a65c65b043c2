import { textOf } from '../../kernel/json.ts';
import { tableBehind, userFieldsOf } from '../company/user-fields.ts';
import { visibleUserTable } from '../company/user-tables.ts';
import type { Scene } from '../messages.ts';
import type { TypeInfo } from './schema.ts';
import { allEnums, allTypes, ENTITY_SETS, isEnum, isNewer, typeOfSet } from './schema.ts';

/** The company's $metadata: what is served, with this company's own fields. v1 in CSDL 3, v2 in CSDL 4. */
export function metadataXml(scene: Scene): string {
  const v3 = scene.dialect.version === 'v1';
  const userTables = scene.company
    .table('UserTablesMD')
    .all()
    .map((row) => `U_${textOf(row, 'TableName')}`)
    .filter((set) => visibleUserTable(scene.company, set));
  const types = [...allTypes().filter(({ name }) => !isNewer(name)), ...userTables.map(typeOfSet)]
    .map((type) => typeXml(scene, type, v3))
    .join('');
  const enums = [...allEnums()]
    .filter(([name]) => !isNewer(name))
    .map(([name, members]) => enumXml(name, [...new Set(members.values())]))
    .join('');
  const sets = [...Object.entries(ENTITY_SETS), ...userTables.map((set) => [set, set] as const)]
    .map(([set, type]) => `<EntitySet Name="${set}" EntityType="SAPB1.${type}"/>`)
    .join('');
  const schema = `<Schema Namespace="SAPB1" xmlns="${v3 ? 'http://schemas.microsoft.com/ado/2009/11/edm' : 'http://docs.oasis-open.org/odata/ns/edm'}">`;
  const open = v3
    ? '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="3.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">'
    : '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>';
  const container = `<EntityContainer Name="ServiceLayer">${sets}</EntityContainer>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}${schema}${enums}${types}${container}</Schema></edmx:DataServices></edmx:Edmx>`;
}

function typeXml(scene: Scene, type: TypeInfo, v3: boolean): string {
  const element = type.entity ? 'EntityType' : 'ComplexType';
  const key =
    type.key.length === 0 ? '' : `<Key>${type.key.map((name) => `<PropertyRef Name="${name}"/>`).join('')}</Key>`;
  const properties = [...type.properties.values()].map(({ name, type: of, collection }) => {
    const full = typeRef(of, v3);
    const nullable = type.key.includes(name) ? ' Nullable="false"' : '';
    return `<Property Name="${name}" Type="${collection ? `Collection(${full})` : full}"${nullable}/>`;
  });
  const own = userFieldsOf(scene.company, tableOfType(type.name)).map(
    ({ name, type: of }) => `<Property Name="${name}" Type="${typeRef(of, v3)}"/>`,
  );
  return `<${element} Name="${type.name}"${type.open && !v3 ? ' OpenType="true"' : ''}>${key}${properties.join('')}${own.join('')}</${element}>`;
}

function typeRef(name: string, v3: boolean): string {
  if (name === 'DateTimeOffset') return v3 ? 'Edm.DateTime' : 'Edm.DateTimeOffset';
  if (name === 'TimeOfDay') return v3 ? 'Edm.Time' : 'Edm.TimeOfDay';
  return isEnum(name) || !['String', 'Int32', 'Double'].includes(name) ? `SAPB1.${name}` : `Edm.${name}`;
}

const COLLECTION_OF_TYPE: Readonly<Record<string, readonly [set: string, collection: string]>> = {
  DocumentLine: ['Orders', 'DocumentLines'],
  ContactEmployee: ['BusinessPartners', 'ContactEmployees'],
  BPAddress: ['BusinessPartners', 'BPAddresses'],
  ItemPrice: ['Items', 'ItemPrices'],
  ItemWarehouseInfo: ['Items', 'ItemWarehouseInfoCollection'],
};

function tableOfType(typeName: string): string {
  const nested = COLLECTION_OF_TYPE[typeName];
  if (nested !== undefined) return tableBehind(nested[0], nested[1]);
  if (typeName.startsWith('U_')) return tableBehind(typeName);
  if (typeName === 'Document') return tableBehind('Orders');
  const set = Object.entries(ENTITY_SETS).find(([, type]) => type === typeName)?.[0];
  return set === undefined ? '' : tableBehind(set);
}

function enumXml(name: string, members: readonly string[]): string {
  return `<EnumType Name="${name}">${members.map((member, index) => `<Member Name="${member}" Value="${index}"/>`).join('')}</EnumType>`;
}
