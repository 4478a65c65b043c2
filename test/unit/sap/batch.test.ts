import { describe, expect, it } from 'vitest';
import { readBatch, writeBatch } from '../../../server/sap/batch.ts';
import { V1, V2 } from '../../../server/sap/dialect.ts';

const random = () => 0.25;

function answer(body: string, contentType = 'multipart/mixed;boundary=b') {
  return {
    status: 200,
    header: (name: string) => (name === 'content-type' ? contentType : undefined),
    setCookies: [],
    body,
  };
}
const part = (status: number, body: string) =>
  `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${status} X\r\nContent-Type: application/json\r\n\r\n${body}\r\n`;

describe('a batch as it is sent', () => {
  it('holds reads as parts, with two line ends after the request line', () => {
    const { contentType, body } = writeBatch(
      [{ method: 'GET', target: "Items('a')", prefer: 'odata.maxpagesize=5' }],
      V2,
      random,
    );
    const boundary = contentType.split('boundary=')[1];
    expect(body).toBe(
      [
        `--${boundary}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        '',
        "GET /b1s/v2/Items('a') HTTP/1.1",
        'Prefer: odata.maxpagesize=5',
        '',
        '',
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    );
  });

  it('puts each call by POST into a change set of its own, numbered', () => {
    const call = { method: 'POST', target: 'CompanyService_GetItemPrice', body: '{}' } as const;
    const { body } = writeBatch([call, call], V1, random);
    expect(body.match(/Content-Type: multipart\/mixed;boundary=changeset_/g)).toHaveLength(2);
    expect(body.match(/Content-ID: \d/g)).toEqual(['Content-ID: 1', 'Content-ID: 2']);
    expect(body).toContain(
      'POST /b1s/v1/CompanyService_GetItemPrice HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{}',
    );
  });
});

describe('a batch as it is answered', () => {
  it('gives the answers in order', () => {
    const read = readBatch(answer(`${part(200, '{"a":1}')}${part(404, '{"error":{}}')}--b--\r\n`));
    expect(read?.map(({ status, body }) => [status, body])).toEqual([
      [200, '{"a":1}'],
      [404, '{"error":{}}'],
    ]);
  });

  it('reads change sets, quoted boundaries and bare line feeds', () => {
    const inner =
      '--c\nContent-Type: application/http\n\nHTTP/1.1 204 No Content\nLocation: /b1s/v2/Orders(1)\n\n\n--c--\n';
    const body = `--b\nContent-Type: multipart/mixed; boundary=c\n\n${inner}--b--\n`;
    const read = readBatch(answer(body, 'multipart/mixed; charset=utf-8; boundary="b"'));
    expect(read).toHaveLength(1);
    expect(read?.[0]?.header('location')).toBe('/b1s/v2/Orders(1)');
    expect(read?.[0]?.body).toBe('');
  });

  it('as it was recorded from a real one', () => {
    const boundary = 'batchresponse_S8CsLgI6-Vy8a-5Zez-rbLi-H0M1AXEiT4yu';
    const body = `--${boundary}\nContent-Type: application/http\nContent-Transfer-Encoding: binary\nContent-ID: 12\n\nHTTP/1.1 404 Not Found\nContent-Type: application/json;charset=utf-8\nContent-Length: 210\nOData-Version: 4.0\n\n{\n   "error" : {\n      "code" : "-2028",\n      "message" : "No matching records found (ODBC -2028)"\n   }\n}\n--${boundary}--\n`;
    const read = readBatch(answer(body, `multipart/mixed;boundary=${boundary}`));
    expect(read).toMatchObject([{ status: 404 }]);
    expect(JSON.parse(read?.[0]?.body ?? '')).toMatchObject({ error: { code: '-2028' } });
  });

  it.each([
    ['', 'multipart/mixed;boundary=b'],
    [part(200, '{}'), 'multipart/mixed;boundary=b'],
    [`${part(200, '{}')}--b--`, 'application/json'],
    ['--b\r\nContent-Type: application/http\r\n\r\nrubbish\r\n--b--', 'multipart/mixed;boundary=b'],
  ])('is unreadable when cut off or of another make', (body, contentType) => {
    expect(readBatch(answer(body, contentType))).toBeUndefined();
  });
});
