import { differs, holds, verdict } from '../../check.ts';
import type { Check } from '../check.ts';

/** What the product finds out about a whole system. */
export const systemChecks: readonly Check[] = [
  {
    name: 'system.onboarding',
    claim: 'The address has a normal form, and the certificate can be looked at without sending anything.',
    covers: ['checkAddress', 'lookAtCertificate', 'readTrust', 'checkProxy'],
    async run({ erp, caller, access }) {
      const normal = await erp.checkAddress(access.address);
      const server = { address: normal, trust: { kind: 'public' }, proxy: null } as const;
      const look = await erp.lookAtCertificate(server, caller.signal);
      const read = erp.readTrust(look.certificate.pem);
      erp.checkProxy({ header: null, clientCertificate: null });
      return verdict(
        [
          [
            read.kind === 'authority' || read.fingerprint === look.certificate.fingerprint,
            'Its text is another certificate.',
          ],
        ],
        `Valid until ${look.certificate.validTo.toISOString().slice(0, 10)}; ${look.fault === null ? 'publicly trusted' : 'not publicly trusted'}.`,
      );
    },
  },
  {
    name: 'system.first-sign-in',
    claim: 'A first sign-in tells the company’s name, currency and version, and is ended again.',
    covers: ['tryAccess'],
    async run({ erp, caller, access }) {
      const { address, trust, proxy, companyDb, userName, password } = access;
      const seen = await erp.tryAccess(
        { address, trust, proxy, companyDb, userName, password: password.reveal() },
        caller.signal,
      );
      return verdict(
        [[seen.localCurrency !== '', 'No currency came.']],
        `${seen.companyName}, ${seen.localCurrency}, ${seen.version}.`,
      );
    },
  },
  {
    name: 'system.capabilities',
    claim: 'What the system can do is found by asking it.',
    covers: ['probeCapabilities', 'hasEvents', 'findSubscription'],
    async run({ erp, caller, raw }) {
      const record = await erp.probeCapabilities(caller, null);
      const events = await erp.hasEvents(caller);
      const none = events ? await erp.findSubscription(caller, 'no-such-webhook') : undefined;
      const { batch, preview, itemPrice, etag, sqlQueries, pageSize } = record;
      return verdict(
        [
          [record.dialect === raw.version, `The client speaks ${record.dialect}, the suite ${raw.version}.`],
          [batch !== 'unknown' && preview !== 'unknown', 'It could not tell batches or previews.'],
          [none === undefined, 'A subscription that does not exist was found.'],
        ],
        `Batches ${batch}, preview ${preview}, item price ${itemPrice}, ETags ${etag}, SQL queries ${sqlQueries}, webhooks ${events ? 'yes' : 'no'}, page of ${pageSize ?? 'unknown length'}.`,
      );
    },
  },
  {
    name: 'system.doctor',
    claim: 'The doctor signs in, and finds nothing wrong.',
    covers: ['diagnose'],
    async run({ erp, caller }) {
      const diagnosis = await erp.diagnose(caller, { draft: false });
      const wrong = diagnosis.steps.filter(({ verdict: found }) => found === 'wrong');
      if (!diagnosis.signedIn) return differs('It could not sign in.');
      return wrong.length === 0
        ? holds()
        : differs(wrong.map(({ step, sentence }) => `${step}: ${sentence}`).join(' '));
    },
  },
];
