import type { LegalPage, Operator } from './legal-page.ts';

export function termsText({ name, supportEmail }: Operator): LegalPage {
  return {
    title: 'Terms',
    intro: `What ${name} gives you with Orderline for SAP Business One, and what it asks of you. A contract between your company and ${name}, where there is one, goes before this page.`,
    sections: [
      {
        heading: 'What the app does',
        blocks: [
          'It shows figures of your SAP Business One inside Pipedrive, keeps organizations, persons and products as SAP says, and puts deals into SAP as sales orders once an admin has switched that on or a person has pressed Send.',
          'A deal becomes at most one order. Where SAP gives no answer, the app looks whether the order is there before it does anything else.',
        ],
      },
      {
        heading: 'What you need',
        blocks: [
          [
            'A Pipedrive company, and an admin of it who connects the app.',
            'SAP Business One with a Service Layer that can be reached from the app over HTTPS, and a user in it with the rights that the settings page names.',
            'The right to connect both: your SAP licence covers the user that the app signs in with.',
          ],
        ],
      },
      {
        heading: 'What you are responsible for',
        blocks: [
          'The data in Pipedrive and SAP, who may install the app and press Send, and looking at what the app lists under “Needs you”. SAP checks and books as it always does: prices, taxes, credit limits and approvals remain those of your SAP system.',
        ],
      },
      {
        heading: 'What it costs in Pipedrive',
        blocks: [
          'The app uses the daily API tokens of your Pipedrive company. It keeps a part of them for orders, says what a first load will cost before it begins, and leaves tokens to your other apps.',
        ],
      },
      {
        heading: 'Availability and changes',
        blocks: [
          'The app depends on Pipedrive, on your SAP server and on the network between them. While one of them is away, work waits and is not lost. If the app is to be withdrawn, you are told at least 30 days before.',
        ],
      },
      {
        heading: 'Ending it',
        blocks: [
          'Uninstall the app in Pipedrive, or choose “Remove this app’s data” in its settings, at any time. What is erased then, and what is kept, is said on the privacy page. Documents in SAP and records in Pipedrive stay as they are: they are yours.',
        ],
      },
      {
        heading: 'Names',
        blocks: [
          `Pipedrive and SAP Business One are names of their owners, who have neither made nor approved this app. Contact: ${supportEmail}.`,
        ],
      },
    ],
  };
}
