import { connect } from 'node:net';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../../server/http/serve.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { startHttp } from './start-http.ts';

const PATH = '/webhooks/sap/4711-canary';

describe('/webhooks/sap/:secret', () => {
  it('hands the raw bytes and the signature over and answers 200', async () => {
    const http = startHttp();
    const body = '[ {"id": "1"} ]\r\n';
    await request(http.app)
      .post(PATH)
      .set({ 'Content-Type': 'application/json', 'X-B1-Webhook-Signature': 'c2ln' })
      .serialize((text: unknown) => text as string)
      .send(body)
      .expect(200);
    expect(http.fakes.erpEvents).toEqual([
      { secret: '4711-canary', authorization: undefined, signature: 'c2ln', signed: Buffer.from(body) },
    ]);
  });

  it('answers 401 to what is not ours, and nothing else', async () => {
    const http = startHttp();
    http.fakes.received = 'not_ours';
    const answer = await request(http.app).post(PATH).send([]).expect(401);
    expect(answer.text).toBe('');
  });

  it('WH-09 answers 401 to a stranger without waiting for the body, and ends a sender that drips', async () => {
    const http = startHttp({ webhooks: { pace: { idleMs: 50, wholeMs: 200 } } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`;
    expect(await answerTo(port, `${head}half`)).toBe('');
    http.fakes.known = false;
    expect(await answerTo(port, head)).toMatch(/^HTTP\/1\.1 401 /);
    expect(http.fakes.erpEvents).toEqual([]);
  });

  it('WH-09 looks up few strangers at once, and tells all others to come back', async () => {
    const http = startHttp();
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    let release = (): void => undefined;
    http.fakes.hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    http.fakes.known = false;
    const guess = (index: number) => fetch(`http://127.0.0.1:${port}${PATH}-${index}`, { method: 'POST', body: '[]' });
    const guesses = Array.from({ length: 51 }, (_, index) => guess(index));
    const first = await Promise.race(guesses);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '3']);
    release();
    const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 50 }, () => 401), 503]);
    expect((await guess(52)).status).toBe(401);
  });

  it('F36 one company leaves places to the others', async () => {
    const http = startHttp({ webhooks: { pace: { idleMs: 10_000, wholeMs: 10_000 } } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    // Their bodies never end.
    const head = (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n`;
    const held = Array.from({ length: 31 }, () => answerTo(port, head(PATH)));
    expect(await Promise.race(held)).toMatch(/^HTTP\/1\.1 503 /);
    await request(http.app).post('/webhooks/sap/4712-canary').send([]).expect(200);
  });

  it('answers 503 when the events could not be stored, so that SAP comes back', async () => {
    const http = startHttp();
    http.fakes.fail.receive = new UnavailableError('database away: password-canary');
    const answer = await request(http.app).post(PATH).send([]).expect(503);
    expect(answer.text).not.toContain('canary');
  });

  it('WH-08 refuses more than 1 MB before it is looked at', async () => {
    const http = startHttp();
    await request(http.app)
      .post(PATH)
      .set('Content-Type', 'application/json')
      .serialize((text: unknown) => text as string)
      .send(Buffer.alloc(1_100_000, 0x20))
      .expect(413);
    expect(http.fakes.erpEvents).toEqual([]);
  });

  it("gives the handshake's token back as SAP wants it", async () => {
    const http = startHttp();
    const answer = await request(http.app).get(PATH).set('X-B1-Webhook-Token', 'abc-1').expect(200);
    expect(answer.body).toEqual({ Challenge: 'abc-1' });
    http.fakes.received = 'not_ours';
    await request(http.app).get(PATH).set('X-B1-Webhook-Token', 'abc-1').expect(401);
  });

  it('answers HEAD without looking anything up', async () => {
    const http = startHttp();
    await request(http.app).head(PATH).expect(200);
    expect(http.fakes.handshakes).toEqual([]);
  });

  it('refuses an address that is longer than any of ours', async () => {
    const http = startHttp();
    await request(http.app)
      .post(`/webhooks/sap/${'a'.repeat(300)}`)
      .send([])
      .expect(401);
    expect(http.fakes.erpEvents).toEqual([]);
  });
});

/** All that is answered until the other side ends the connection. */
function answerTo(port: number, message: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(message));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}
