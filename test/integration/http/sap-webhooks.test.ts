import request from 'supertest';
import { describe, expect, it } from 'vitest';
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
