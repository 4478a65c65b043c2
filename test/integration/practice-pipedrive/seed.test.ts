import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import { buildPipedriveData, type PipedriveData } from '../../practice/data/pipedrive-data.ts';
import { type Rig, startRig } from './harness.ts';

let rig: Rig;
let data: PipedriveData;
beforeAll(async () => {
  const sap = buildCompanyData({ seed: 3, partners: 80, items: 40, orders: 5, invoices: 50, today: '2026-11-23' });
  data = buildPipedriveData(sap, { seed: 3, organizations: 60 });
  rig = await startRig({ data });
});
afterAll(() => rig.pipedrive.close());

describe('practice Pipedrive: seeded company', () => {
  it('holds every seeded record under its own id, before anybody asks', async () => {
    const orgs = await rig.call('GET', '/api/v2/organizations?limit=500');
    const byId = new Map(orgs.body.data.map((row: { id: number; name: string }) => [row.id, row.name]));
    expect(byId).toEqual(new Map(data.organizations.map(({ id, name }) => [id, name])));
    expect(rig.company.persons().map(({ id }) => id)).toEqual(data.persons.map(({ id }) => id));
    expect(rig.company.deals()).toHaveLength(data.deals.length);
    expect(rig.company.requests()).toHaveLength(1);
  });

  it('has the VAT numbers in a field that the company made for itself, and gaps where nobody typed one', () => {
    const typed = data.organizations.filter(({ vatNumber }) => vatNumber);
    expect(typed.length).toBeGreaterThan(0);
    for (const seed of data.organizations) {
      const record = rig.company.state.organizations.get(seed.id);
      const value = record && rig.company.fieldValue('organization', record, 'VAT number');
      expect(value).toBe(seed.vatNumber);
    }
  });

  it('gives new records ids of their own', () => {
    const made = rig.company.createOrganization({ name: 'New' });
    expect(made.id).toBeGreaterThan(Math.max(...data.organizations.map(({ id }) => id)));
  });
});
