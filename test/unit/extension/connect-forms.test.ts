import { describe, expect, it } from 'vitest';
import { clientOf, NO_MORE, proxyOf } from '../../../extension/features/settings-connect/more-ways.tsx';
import { chosenInstant } from '../../../extension/features/settings-consent/erp-consent.tsx';

describe('more ways to connect', () => {
  it('asks for no proxy where nothing was typed', () => {
    expect(proxyOf(NO_MORE)).toBeNull();
    expect(proxyOf({ ...NO_MORE, headerName: '  ' })).toBeNull();
  });

  it('sends half of a pair, so that the server can say what is missing', () => {
    expect(proxyOf({ ...NO_MORE, headerName: ' x-key ' })).toEqual({
      header: { name: 'x-key', value: '' },
      clientCertificate: null,
    });
    expect(clientOf({ ...NO_MORE, clientKey: 'KEY' })).toEqual({ pem: '', keyPem: 'KEY' });
  });
});

describe('the time for changes to SAP', () => {
  it('is an instant, or at once', () => {
    const consent = { field: true, ledger: false, at: '' };
    expect(chosenInstant(consent)).toBeNull();
    expect(chosenInstant({ ...consent, at: 'soon' })).toBeNull();
    expect(chosenInstant({ ...consent, at: '2026-12-01T22:00' })).toBe(new Date('2026-12-01T22:00').toISOString());
  });
});
