import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { type WritePart, writeChangeSet } from '../../../server/sap/batch.ts';
import { changeSet } from '../../../server/sap/change-set.ts';
import type { SapCompany } from '../../../server/sap/company.ts';
import { V1, V2 } from '../../../server/sap/dialect.ts';
import { inProcessSap } from '../../integration/sap/in-process-company.ts';

const PARTS: readonly WritePart[] = [
  { method: 'POST', target: 'U_PD_LINK', body: '{"Code":"k"}', prefer: 'return-no-content' },
  { method: 'POST', target: 'Orders', body: '{"CardCode":"C1"}', prefer: 'return-no-content' },
  { method: 'POST', target: '$2/Close' },
];

const CREATED = 'HTTP/1.1 204 No Content\r\nLocation: /b1s/v2/Orders(7)\r\n\r\n';
const CLOSED = 'HTTP/1.1 204 No Content\r\n\r\n';
const refusal = (status: number, code: string) =>
  `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\n\r\n{"error":{"code":"${code}","message":"Nein"}}`;
const part = (http: string) => `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${http}\r\n`;
const set = (...parts: string[]) =>
  `--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n${parts.map((http) => `--c\r\n${part(http)}`).join('')}--c--\r\n--b--\r\n`;
const alone = (http: string) => `--b\r\n${part(http)}--b--\r\n`;

/** A company whose one write is answered so. */
function answering(body: string, contentType = 'multipart/mixed;boundary=b'): SapCompany {
  return {
    ...inProcessSap().company,
    write: async () => ({
      status: 200,
      header: (name) => (name === 'content-type' ? contentType : undefined),
      setCookies: [],
      body,
    }),
  };
}

describe('a change set as it is sent', () => {
  it('is one part of the batch, its own parts numbered from 1', () => {
    const { contentType, body } = writeChangeSet(PARTS, V2, () => 0.25);
    const outer = contentType.split('boundary=')[1];
    const inner = /boundary=(changeset_\w+)/.exec(body)?.[1];
    expect(body).toBe(
      [
        `--${outer}`,
        `Content-Type: multipart/mixed;boundary=${inner}`,
        '',
        `--${inner}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        'Content-ID: 1',
        '',
        'POST /b1s/v2/U_PD_LINK HTTP/1.1',
        'Prefer: return-no-content',
        'Content-Type: application/json',
        '',
        '{"Code":"k"}',
        `--${inner}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        'Content-ID: 2',
        '',
        'POST /b1s/v2/Orders HTTP/1.1',
        'Prefer: return-no-content',
        'Content-Type: application/json',
        '',
        '{"CardCode":"C1"}',
        `--${inner}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        'Content-ID: 3',
        '',
        'POST /b1s/v2/$2/Close HTTP/1.1',
        '',
        '',
        `--${inner}--`,
        `--${outer}--`,
        '',
      ].join('\r\n'),
    );
    expect(writeChangeSet(PARTS, V1, () => 0.25).body).toContain('POST /b1s/v1/Orders HTTP/1.1');
  });
});

describe('a change set as it is answered', () => {
  it('gives one answer a part, in their order', async () => {
    const answers = await changeSet(answering(set(CREATED, CREATED, CLOSED)), PARTS);
    expect(answers.map(({ status, header }) => [status, header('location')])).toEqual([
      [204, '/b1s/v2/Orders(7)'],
      [204, '/b1s/v2/Orders(7)'],
      [204, undefined],
    ]);
  });

  it.each([alone(refusal(400, '-2035')), set(refusal(400, '-2035'))])(
    'with one refusal was not carried out at all',
    async (body) => {
      const error = await changeSet(answering(body), PARTS).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(RejectedError);
      expect(error).toMatchObject({ code: '-2035', words: 'Nein' });
    },
  );

  it.each([
    ['a session that had ended', refusal(401, '301')],
    ['a company that could not be switched to', refusal(500, '305')],
  ])('with %s was not carried out either', async (_name, http) => {
    await expect(changeSet(answering(alone(http)), PARTS)).rejects.toBeInstanceOf(UnavailableError);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html></html>'],
    ['no end', set(CREATED, CREATED, CLOSED).replace('--b--', '')],
    ['fewer answers than parts', set(CREATED, CREATED)],
    ['more answers than parts', set(CREATED, CREATED, CLOSED, CLOSED)],
    ['a refusal among successes', set(CREATED, refusal(400, '-10'), CLOSED)],
    ['two refusals', set(refusal(400, '-10'), refusal(400, '-10'))],
    ['a failure without words', alone('HTTP/1.1 500 X\r\n\r\n')],
  ])('with %s proves nothing', async (_name, body) => {
    await expect(changeSet(answering(body), PARTS)).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('without a boundary proves nothing', async () => {
    const company = answering(set(CREATED, CREATED, CLOSED), 'multipart/mixed');
    await expect(changeSet(company, PARTS)).rejects.toBeInstanceOf(OutcomeUnknownError);
  });
});
