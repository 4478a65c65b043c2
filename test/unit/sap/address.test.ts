import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../server/kernel/errors.ts';
import { normalForm, parseAddress } from '../../../server/sap/address.ts';
import { mayReach } from '../../../server/sap/special-ranges.ts';

const codeOf = (typed: string, network: 'public' | 'private' | 'loopback' = 'public'): string => {
  try {
    return normalForm(parseAddress(typed, { network }));
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems[0]?.code ?? '';
    throw error;
  }
};

describe('an address as it is typed (SE-01, 5.6)', () => {
  it.each([
    ['sap.example.com', 'https://sap.example.com:50000/b1s/v2'],
    ['sap.example.com:50000', 'https://sap.example.com:50000/b1s/v2'],
    ['https://sap.example.com:50000/b1s/v2', 'https://sap.example.com:50000/b1s/v2'],
    ['HTTPS://SAP.Example.COM.:443/b1s/v1/', 'https://sap.example.com:443/b1s/v1'],
    ['  sap.example.com/b1s ', 'https://sap.example.com:50000/b1s/v2'],
    ['93.184.216.34:50000', 'https://93.184.216.34:50000/b1s/v2'],
    ['[2a00:1450::1]:50000', 'https://[2a00:1450::1]:50000/b1s/v2'],
    ['xn--bcher-kva.example', 'https://xn--bcher-kva.example:50000/b1s/v2'],
    ['sap.example.com:1024', 'https://sap.example.com:1024/b1s/v2'],
    ['sap.example.com:50001', 'https://sap.example.com:50001/b1s/v2'],
    ['sap.example.com:65535', 'https://sap.example.com:65535/b1s/v2'],
    ['sap.example.com/sap/b1s/v2', 'https://sap.example.com:50000/sap/b1s/v2'],
    ['sap.example.com/Erp-1/~prod/x.y_z/B1S/V1//', 'https://sap.example.com:50000/Erp-1/~prod/x.y_z/b1s/v1'],
    ['sap.example.com/b1s/b1s/v2', 'https://sap.example.com:50000/b1s/b1s/v2'],
  ])('%j becomes %s', (typed, expected) => {
    expect(codeOf(typed)).toBe(expected);
  });

  it.each([
    ['', 'address_form'],
    ['http://sap.example.com', 'address_scheme'],
    ['ftp://sap.example.com', 'address_scheme'],
    ['javascript://sap.example.com', 'address_scheme'],
    ['127.0.0.1:50000', 'address_network'],
    ['2130706433', 'address_host'],
    ['0x7f.1', 'address_host'],
    ['0177.0.0.1', 'address_host'],
    ['127.1', 'address_host'],
    ['①②⑦.0.0.1', 'address_host'],
    ['127。0。0。1', 'address_host'],
    ['ＬＯＣＡＬＨＯＳＴ', 'address_host'],
    ['localhost', 'address_network'],
    ['LOCALHOST.', 'address_network'],
    ['a.localhost', 'address_network'],
    ['[::1]', 'address_network'],
    ['[::]', 'address_network'],
    ['[::ffff:7f00:1]', 'address_network'],
    ['[::ffff:127.0.0.1]', 'address_network'],
    ['[64:ff9b::7f00:1]', 'address_network'],
    ['[2002:7f00:1::]', 'address_network'],
    ['[fd00:ec2::254]', 'address_network'],
    ['[fe80::1]', 'address_network'],
    ['[fe80::1%25eth0]', 'address_network'],
    ['169.254.169.254', 'address_network'],
    ['192.0.0.192', 'address_network'],
    ['100.64.0.1', 'address_network'],
    ['10.1.2.3', 'address_network'],
    ['0.0.0.0', 'address_network'],
    ['255.255.255.255', 'address_network'],
    ['224.0.0.1', 'address_network'],
    ['sap.example.com@169.254.169.254', 'address_user'],
    ['user:secret@sap.example.com', 'address_user'],
    ['169.254.169.254\\@sap.example.com', 'address_path'],
    ['sap.example.com\t.evil.com', 'address_form'],
    ['sap.example.com\n.evil.com', 'address_form'],
    ['sap.example.com:22', 'address_port'],
    ['sap.example.com:25', 'address_port'],
    ['sap.example.com:80', 'address_port'],
    ['sap.example.com:1023', 'address_port'],
    ['sap.example.com:1433', 'address_port'],
    ['sap.example.com:1521', 'address_port'],
    ['sap.example.com:3306', 'address_port'],
    ['sap.example.com:5432', 'address_port'],
    ['sap.example.com:6379', 'address_port'],
    ['sap.example.com:9200', 'address_port'],
    ['sap.example.com:11211', 'address_port'],
    ['sap.example.com:27017', 'address_port'],
    ['sap.example.com:30013', 'address_port'],
    ['sap.example.com:30015', 'address_port'],
    ['sap.example.com:39941', 'address_port'],
    ['sap.example.com:050000', 'address_port'],
    ['sap.example.com:0', 'address_port'],
    ['sap.example.com:65536', 'address_port'],
    ['sap.example.com:50000abc', 'address_port'],
    ['sap.example.com:', 'address_port'],
    ['sap.example.com:1:2', 'address_port'],
    ['sap.example.com/b1s/v1/../../', 'address_path'],
    ['sap.example.com/b1s/v2?x=', 'address_path'],
    ['sap.example.com/b1s/v2#', 'address_path'],
    ['sap.example.com/other', 'address_path'],
    ['sap.example.com/b1s/v3', 'address_path'],
    ['sap.example.com/../b1s/v2', 'address_path'],
    ['sap.example.com/./b1s/v2', 'address_path'],
    ['sap.example.com/a/.../b1s/v2', 'address_path'],
    ['sap.example.com//b1s/v2', 'address_path'],
    ['sap.example.com/%2e%2e/b1s/v2', 'address_path'],
    ['sap.example.com/a;b/b1s/v2', 'address_path'],
    ['sap.example.com/ä/b1s/v2', 'address_path'],
    [`sap.example.com/${'a'.repeat(200)}/b1s/v2`, 'address_path'],
    ['printer.local', 'address_network'],
    ['metadata.google.internal.', 'address_network'],
    ['router.home.arpa', 'address_network'],
    ['-sap.example.com', 'address_host'],
    ['sap..example.com', 'address_host'],
    [`${'a'.repeat(64)}.example.com`, 'address_host'],
    ['bücher.example', 'address_host'],
    ['sap.еxample.com', 'address_host'],
    ['1.2.3.4.5', 'address_host'],
  ])('%j is refused as %s', (typed, expected) => {
    expect(codeOf(typed)).toBe(expected);
  });

  it('takes any port on loopback, and where the operator opened one', () => {
    expect(codeOf('127.0.0.1:1', 'loopback')).toBe('https://127.0.0.1:1/b1s/v2');
    expect(codeOf('localhost:5432', 'loopback')).toBe('https://localhost:5432/b1s/v2');
    const { port } = parseAddress('sap.example.com:5432', { network: 'public', extraPorts: [5432] });
    expect(port).toBe(5432);
  });

  it('lets names of a company’s own network pass where private networks may be reached', () => {
    expect(codeOf('sap.corp.local', 'private')).toBe('https://sap.corp.local:50000/b1s/v2');
    expect(codeOf('localhost', 'private')).toBe('address_network');
  });

  it('says something different for each kind of fault', () => {
    const sentences = [
      'http://a.example',
      'u@a.example',
      'a.example:22',
      'a.example/x',
      '10.0.0.1',
      'a b',
      'ä.example',
    ].map((typed) => {
      try {
        parseAddress(typed, { network: 'public' });
        return '';
      } catch (error) {
        return error instanceof InvalidInputError ? error.message : '';
      }
    });
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it('gives a normal form that is read back as itself, or a problem: never a defect', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('public', 'private', 'loopback'), (typed, network) => {
        const result = codeOf(typed, network);
        if (result.startsWith('https://')) {
          expect(codeOf(result, network)).toBe(result);
          expect(new URL(result).href).toBe(result.replace(':443/', '/'));
        } else expect(result).toMatch(/^address_/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('which networks may be reached (SE-02)', () => {
  it.each([
    ['93.184.216.34', true, true, true],
    ['2a00:1450::1', true, true, true],
    ['10.0.0.5', false, true, false],
    ['172.16.0.1', false, true, false],
    ['172.32.0.1', true, true, true],
    ['192.168.1.1', false, true, false],
    ['100.64.0.1', false, true, false],
    ['100.100.100.200', false, false, false],
    ['fd12::1', false, true, false],
    ['fd00:ec2::254', false, false, false],
    ['fd20:ce::254', false, false, false],
    ['fd00:c1::a9fe:a9fe', false, false, false],
    ['168.63.129.16', false, false, false],
    ['168.63.129.17', true, true, true],
    ['127.0.0.1', false, false, true],
    ['::1', false, false, true],
    ['169.254.169.254', false, false, false],
    ['fe80::1', false, false, false],
    ['::ffff:10.0.0.1', false, false, false],
    ['::ffff:93.184.216.34', false, false, false],
    ['64:ff9b::5db8:d822', false, false, false],
    ['2002:0a00:0001::', false, false, false],
    ['2001:db8::1', false, false, false],
    ['ff02::1', false, false, false],
    ['198.18.0.1', false, false, false],
    ['203.0.113.9', false, false, false],
    ['not an address', false, false, false],
    ['fe80::1%eth0', false, false, false],
  ])('%s', (address, publicly, privately, locally) => {
    expect([mayReach(address, 'public'), mayReach(address, 'private'), mayReach(address, 'loopback')]).toEqual([
      publicly,
      privately,
      locally,
    ]);
  });

  it('holds nothing of an IPv6 address outside 2000::/3 for public', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(':')[0] || '0', 16);
        return first >= 0x2000 && first <= 0x3fff ? true : !mayReach(address, 'public');
      }),
    );
  });
});
