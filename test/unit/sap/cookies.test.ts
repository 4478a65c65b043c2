import { describe, expect, it } from 'vitest';
import { cookieHeader, ownCookies, readCookie } from '../../../server/sap/cookies.ts';

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

  it.each([
    ['B1SESSION=a;HttpOnly;', true],
    ['B1SESSION=a; Domain=sap.example.com', true],
    ['B1SESSION=a; domain=.example.com; Path=/', true],
    ['B1SESSION=a; Domain=evil.example', false],
    ['B1SESSION=a; Domain=xsap.example.com', false],
    ['B1SESSION=a; Domain=b.sap.example.com', false],
  ])('%j may be set by sap.example.com: %s (5.6 #16)', (line, ours) => {
    expect(ownCookies([line], 'sap.example.com')).toEqual(ours ? [line] : []);
  });
});
