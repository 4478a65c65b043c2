import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../../extension/features/settings-checks/sap-events-words.ts';

const refused = (words: string | null) => sentenceOf({ state: 'refused', words, lastEventAt: null });

describe("the words for SAP's own events", () => {
  it.each([null, '', 'Webhooks are not enabled', 'Webhooks are not enabled.', 'Webhooks are not enabled. '])(
    'end one sentence before the next, whatever SAP said (%s)',
    (words) => {
      expect(refused(words)).toMatch(/^SAP refused it(: Webhooks are not enabled)?\. Changes/);
    },
  );

  it('say how to try again after a refusal', () => {
    expect(refused('Webhooks are not enabled')).toContain('switch it off and on');
  });
});
