import { describe, expect, it } from 'vitest';
import { LOG_FIELDS, type LogFields } from '../../../server/kernel/logger.ts';
import { createLogger, type LogLevel } from '../../../server/logging.ts';

function recording(level: LogLevel = 'info') {
  const lines: string[] = [];
  const destination = {
    write(line: string) {
      lines.push(line);
    },
  };
  return { logger: createLogger({ level, destination }), lines };
}

describe('createLogger', () => {
  it('writes one JSON line an entry', () => {
    const { logger, lines } = recording();
    logger.info('request', { requestId: 'r1', status: 200, ms: 3 });
    logger.warn('slow');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'request', requestId: 'r1', status: 200, ms: 3, time: expect.stringMatching(/Z$/) },
      { msg: 'slow' },
    ]);
    expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  it('SE-34 writes only fields that are on the list, and no long ones', () => {
    const { logger, lines } = recording();
    const fields: Record<string, string> = {
      token: 'canary',
      Authorization: 'canary',
      email: 'canary',
      companyId: 'x'.repeat(5_000),
    };
    logger.info('odd', fields);
    expect(lines.join()).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')['companyId']).toHaveLength(200);
  });

  it('SY-16 writes every field that may be logged; one of another name does not compile', () => {
    const { logger, lines } = recording();
    logger.info('all', Object.fromEntries(LOG_FIELDS.map((name) => [name, `value of ${name}`])));
    const line = JSON.parse(lines[0] ?? '');
    for (const name of LOG_FIELDS) expect(line[name]).toBe(`value of ${name}`);
    // @ts-expect-error: it would be left out, and what is logged would say less than it seems to
    const unknown: LogFields = { installationId: 'i', unheardOf: 7 };
    logger.info('odd', unknown);
    expect(lines[1]).not.toContain('unheardOf');
  });

  it('SE-34 writes of an error its class, code and stack, never what drivers hang on it or put into words', () => {
    const { logger, lines } = recording();
    const cause = Object.assign(new TypeError('insert into grants values (canary-1)\n    at canary-2'), {
      code: '23505',
      detail: 'canary-3',
      config: { headers: { authorization: 'canary-4' } },
    });
    const error = Object.assign(new Error('canary-5', { cause }), { request: 'canary-6', code: 'canary-7' });
    logger.error('failed', error, { jobId: 'j1' });
    expect(lines.join()).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'failed',
      jobId: 'j1',
      error: [
        { class: 'Error', stack: expect.arrayContaining([expect.stringMatching(/^at .*logging\.test\.ts:\d+:\d+/)]) },
        { class: 'TypeError', code: '23505' },
      ],
    });
  });

  it('SE-34 survives whatever is thrown', () => {
    const { logger, lines } = recording();
    const circle = new Error('a');
    circle.cause = circle;
    for (const thrown of [undefined, null, 'canary', { secret: 'canary' }, circle, Object.create(null)]) {
      logger.error('failed', thrown);
    }
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain('canary');
  });

  it('is silent below its level', () => {
    const { logger, lines } = recording('error');
    logger.info('a');
    logger.warn('b');
    expect(lines).toEqual([]);
  });
});
