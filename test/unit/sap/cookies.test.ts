import { describe, expect, it } from 'vitest';
import { cookieHeader, readCookie, usableCookieValue } from '../../../server/sap/cookies.ts';

describe('the cookies of a session', () => {
  it.each([
    [['B1SESSION=ab-1;HttpOnly;', 'ROUTEID=.node1; path=/b1s'], 'B1SESSION', 'ab-1'],
    [['B1SESSION=ab-1;HttpOnly;', 'ROUTEID=.node1; path=/b1s'], 'ROUTEID', '.node1'],
    [['ROUTEID=.node1', 'ROUTEID=.node2; path=/b1s'], 'ROUTEID', '.node2'],
    [['B1SESSION=ab=c==; HttpOnly'], 'B1SESSION', 'ab=c=='],
    [['B1SESSIONX=1', 'XB1SESSION=2'], 'B1SESSION', undefined],
    [['=x', 'x', ''], 'B1SESSION', undefined],
    [['B1SESSION='], 'B1SESSION', undefined],
    [['B1SESSION=a b'], 'B1SESSION', undefined],
    [['B1SESSION=a\r\nX: y'], 'B1SESSION', undefined],
    [[`B1SESSION=${'a'.repeat(600)}`], 'B1SESSION', undefined],
  ])('%j has %s = %s', (lines, name, value) => {
    expect(readCookie(lines, name)).toBe(value);
  });

  it('are sent as the server set them', () => {
    expect(cookieHeader({ session: 'a', route: '.node1' })).toBe('B1SESSION=a; ROUTEID=.node1');
    expect(cookieHeader({ session: 'a', route: undefined })).toBe('B1SESSION=a');
  });

  it('may come from the body, if they can be sent at all', () => {
    expect(usableCookieValue('cea10664-0546-11f1-c000-00155d01f301-82836-82528')).toBe(
      'cea10664-0546-11f1-c000-00155d01f301-82836-82528',
    );
    expect(usableCookieValue('a;b')).toBeUndefined();
    expect(usableCookieValue(undefined)).toBeUndefined();
  });
});
