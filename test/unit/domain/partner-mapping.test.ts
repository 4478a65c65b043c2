import { describe, expect, it } from 'vitest';
import { type ContactPoint, normaliseContactPoint, withSapValue } from '../../../server/domain/partner-mapping.ts';

const point = (value: string, more: Partial<ContactPoint> = {}): ContactPoint => ({
  value,
  label: 'work',
  primary: false,
  ...more,
});
const never = () => false;

describe('SAP’s value among those that people entered', () => {
  const mine = point('anna@private.example', { label: 'home', primary: true });

  it('is added behind them, and the first of an empty list', () => {
    expect(withSapValue([mine], 'anna@firm.example', never)).toEqual([mine, point('anna@firm.example')]);
    expect(withSapValue([], '+49 40 1', never)).toEqual([point('+49 40 1', { primary: true })]);
  });

  it('changes nothing when it is there already, however it is spelt, or when SAP has none', () => {
    expect(withSapValue([mine], ' Anna@Private.Example', never)).toBeUndefined();
    expect(withSapValue([point('+49 (40) 1-2')], '+49 40 12', never)).toBeUndefined();
    expect(withSapValue([mine], null, () => true)).toBeUndefined();
    expect(withSapValue([mine], '', () => true)).toBeUndefined();
  });

  it('takes the place of SAP’s earlier one, and of no other', () => {
    const old = point('old@firm.example', { label: 'office' });
    const isOld = (value: string) => value === old.value;
    expect(withSapValue([mine, old], 'new@firm.example', isOld)).toEqual([mine, { ...old, value: 'new@firm.example' }]);
  });

  it('tells numbers apart by their digits', () => {
    expect(normaliseContactPoint('+49 (40) 12')).toBe('+494012');
    expect(normaliseContactPoint('A@B.example ')).toBe('a@b.example');
  });
});
