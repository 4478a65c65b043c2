import type { LegalPage, Operator } from './legal-page.ts';

export function supportText({ name, supportEmail }: Operator): LegalPage {
  return {
    title: 'Support',
    intro: `Write to ${supportEmail}. ${name} answers.`,
    sections: [
      {
        heading: 'What helps to help you',
        blocks: [
          [
            'The number at the end of an error message (“Number for support”): with it the event is found in the log.',
            'The name of your Pipedrive company, and the number of the deal.',
            'What you expected, and what happened.',
          ],
          'Never send a password, a token or a certificate’s private key: nobody needs them.',
        ],
      },
      {
        heading: 'Look here first',
        blocks: [
          [
            'The app’s settings in Pipedrive say on top whether all is well, and list under “Needs you” what a person has to do.',
            '“Check the connection” in the settings goes through the connection to SAP step by step and says what your SAP partner should look at.',
            'The panel on a deal says why it cannot be sent, all at once.',
          ],
        ],
      },
      {
        heading: 'Your data',
        blocks: [
          `An admin downloads or removes it in the app’s settings. Who cannot get there writes to ${supportEmail} and names the Pipedrive company; such a request is carried out within one month.`,
        ],
      },
    ],
  };
}
