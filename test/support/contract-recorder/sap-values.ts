import { isObject } from './json.ts';
import type { SapIndex, SapProperty } from './sap-index.ts';
import { hasProperty, isEnumValue } from './sap-names.ts';

/** What is wrong with an object by the description of its type. Null is right everywhere; annotations are passed over. */
export function checkObject(index: SapIndex, typeName: string, value: unknown, where: string): string[] {
  const type = index.types[typeName];
  if (!type) return [];
  if (!isObject(value)) return [`${where} must be an object`];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name.includes('odata.') || member === null) return [];
    const property = type.properties[name];
    if (property) return checkValue(index, property, member, `${where}/${name}`);
    return hasProperty(index, typeName, name) ? [] : [`${where}/${name} is no property of ${typeName}`];
  });
}

export function checkValue(index: SapIndex, property: SapProperty, value: unknown, where: string): string[] {
  if (value === null) return [];
  if (property.collection === true) {
    if (!Array.isArray(value)) return [`${where} must be a list`];
    const { type } = property;
    return value.flatMap((member, at) => checkValue(index, { type }, member, `${where}/${at}`));
  }
  if (index.types[property.type]) return checkObject(index, property.type, value, where);
  if (index.enums[property.type]) {
    return isEnumValue(index, property.type, value) ? [] : [`${where} ${String(value)} is none of ${property.type}`];
  }
  return PRIMITIVES[property.type]?.(value) === false ? [`${where} must be ${property.type}`] : [];
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z?)?$|^\d{8}$/;
const TIME = /^\d{2}:\d{2}(:\d{2})?$/;

const PRIMITIVES: Readonly<Record<string, (value: unknown) => boolean>> = {
  'Edm.String': (value) => typeof value === 'string',
  'Edm.Int32': Number.isInteger,
  'Edm.Int16': Number.isInteger,
  'Edm.Int64': Number.isInteger,
  'Edm.Double': Number.isFinite,
  'Edm.Decimal': Number.isFinite,
  'Edm.DateTimeOffset': (value) => typeof value === 'string' && DATE.test(value),
  'Edm.TimeOfDay': (value) => typeof value === 'string' && TIME.test(value),
};
