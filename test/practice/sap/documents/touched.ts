import type { Fields } from '../../kernel/json.ts';
import { numberOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';

/** A document changed as a consequence of another one. */
export function touched(company: Company, document: Fields): Fields {
  const stamp = company.stamp();
  const stamps = company.settings.stampsFollowUps ? { UpdateDate: stamp.date, UpdateTime: stamp.time } : {};
  return { ...document, ...stamps, DataVersion: numberOf(document, 'DataVersion') + 1 };
}
