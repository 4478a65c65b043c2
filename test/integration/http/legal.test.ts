import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { DELIVERIES_KEPT_MS } from '../../../server/app/deliveries/purge-deliveries.ts';
import { startHttp } from './start-http.ts';

const operator = { name: 'Desk & Chair <Ltd>', supportEmail: 'help@desk.example' };

describe.each(['/privacy', '/terms', '/support'])('%s', (path) => {
  it('says who runs the app and where to write, without scripts, framed by nobody (SE-25, SE-26)', async () => {
    const { app } = startHttp({ settings: { operator } });
    const { text, headers } = await request(app).get(path).expect(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(text).not.toMatch(/<script|<iframe| on\w+=|style=/i);
    expect(text).toContain('Desk &amp; Chair &lt;Ltd&gt;');
    expect(text).not.toContain('<Ltd>');
    expect(text).toContain('<a href="mailto:help@desk.example">help@desk.example</a>');
    expect(text).toContain('<meta name="color-scheme" content="light dark">');
    for (const other of ['/privacy', '/terms', '/support']) expect(text).toContain(`<a href="${other}">`);
    expect(text.match(/<h1>/g)).toHaveLength(1);
  });
});

describe('what the privacy page promises', () => {
  it('is what the program does', async () => {
    const { text } = await request(startHttp().app).get('/privacy').expect(200);
    expect(text).toContain(`as it arrived: ${DELIVERIES_KEPT_MS / 86_400_000} days.`);
  });
});
