import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { signedToken, startHttp } from './start-http.ts';

describe('a panel that is refreshed by hand', () => {
  it.each([
    ['deals', 'dealId'],
    ['organizations', 'organizationId'],
    ['persons', 'personId'],
  ])('AP-02 %s: the use case is told, the id stays that of the path, and no other word is taken', async (kind, id) => {
    const { app, fakes } = startHttp();
    const get = async (query: string) =>
      request(app)
        .get(`/api/panel/${kind}/7${query}`)
        .set('Authorization', `Bearer ${await signedToken()}`);
    expect((await get(`?refresh=yes&${id}=8`)).status).toBe(200);
    expect((await get('')).status).toBe(200);
    expect(fakes.calls.map(({ input }) => input)).toEqual([{ [id]: 7, refresh: 'yes' }, { [id]: 7 }]);
    for (const word of ['1', 'no', '', 'yes&refresh=yes']) expect((await get(`?refresh=${word}`)).status).toBe(400);
    expect(fakes.calls).toHaveLength(2);
  });
});
