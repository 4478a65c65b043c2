import { describe, expect, it } from 'vitest';
import { readLaunch, takeLaunch } from '../../../extension/shared/sdk/launch.ts';

const ADDRESS =
  'https://app.example.com/panel?id=abc&token=secret&companyId=2&userId=1&resource=deal&view=details&selectedIds=7&theme=dark';

function aWindow(href: string) {
  const replaced: string[] = [];
  return {
    replaced,
    location: { href },
    history: { state: null, replaceState: (_state: unknown, _unused: string, url: string) => void replaced.push(url) },
  };
}

describe('takeLaunch', () => {
  it('takes the token out of the address and keeps everything else (SE-23)', () => {
    const window = aWindow(ADDRESS);
    expect(takeLaunch(window).token).toBe('secret');
    expect(window.replaced).toEqual([ADDRESS.replace('&token=secret', '')]);
  });

  it('takes out every token there is', () => {
    const window = aWindow(`${ADDRESS}&token=second`);
    takeLaunch(window);
    expect(window.replaced.join()).not.toContain('token');
  });

  it('leaves an address without a token alone', () => {
    const window = aWindow('https://app.example.com/settings?id=abc');
    expect(takeLaunch(window)).toEqual({ token: null, theme: 'light', subject: null });
    expect(window.replaced).toEqual([]);
  });
});

describe('readLaunch', () => {
  it.each([
    ['resource=deal&selectedIds=7', { resource: 'deal', id: 7 }],
    ['resource=organization&selectedIds=3', { resource: 'organization', id: 3 }],
    ['resource=person&selectedIds=5', { resource: 'person', id: 5 }],
    ['resource=lead&selectedIds=5', null],
    ['resource=deal', null],
    ['resource=deal&selectedIds=', null],
    ['resource=deal&selectedIds=0', null],
    ['resource=deal&selectedIds=-7', null],
    ['resource=deal&selectedIds=7,8', null],
    ['resource=deal&selectedIds=1%2C2', null],
    [`resource=deal&selectedIds=${Array.from({ length: 100_000 }, (_no, index) => index).join()}`, null],
    ['resource=user&selectedIds=5', null],
    ['resource=deal&selectedIds=7e3', null],
    ['resource=deal&selectedIds=../../settings', null],
    ['resource=deal&selectedIds=9007199254740993', null],
  ])('5.4.12-13 reads the record of %s', (query, subject) => {
    expect(readLaunch(new URLSearchParams(query)).subject).toEqual(subject);
  });

  it.each([
    ['theme=dark', 'dark'],
    ['theme=light', 'light'],
    ['theme=purple', 'light'],
    ['', 'light'],
  ])('reads the theme of "%s"', (query, theme) => {
    expect(readLaunch(new URLSearchParams(query)).theme).toBe(theme);
  });
});
