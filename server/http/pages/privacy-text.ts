import type { LegalPage, Operator } from './legal-page.ts';

/** What is stored, how long, where it goes, and how it is erased. Changes with the code: every figure here is one of it. */
export function privacyText({ name, supportEmail }: Operator): LegalPage {
  return {
    title: 'Privacy',
    intro: `Orderline connects your Pipedrive company with your own SAP Business One. This page says what it stores for that, and for how long. It is run by ${name}.`,
    sections: [
      {
        heading: 'Who is responsible',
        blocks: [
          `Your company decides what is synchronized and is responsible for it; ${name} processes it on your company’s behalf, and only to do what the app is for. Questions, and requests about personal data: ${supportEmail}.`,
        ],
      },
      {
        heading: 'What is stored',
        blocks: [
          [
            'For each person who installed the app: name, user number, whether they are an admin, and the access that Pipedrive gave (encrypted).',
            'For the connection to SAP: address, company, user name, the certificate that is trusted, and the password (encrypted).',
            'Your settings, and which field in Pipedrive holds what.',
            'Which SAP record belongs to which Pipedrive record: their codes and numbers, and a checksum of what was last written.',
            'For each deal on its way into SAP: the customer code, items, quantities, prices and remarks of the order, and its number in SAP.',
            'What Pipedrive or SAP tell the app about changes, as it arrived. From Pipedrive that includes the changed deal, organization, person or product.',
            'Sentences about what needs a person: they may name a customer, a contact or a deal.',
            'An audit trail of what was changed, when, and from which document; the values in it are encrypted.',
            'How many of your Pipedrive API tokens were used, and for what.',
          ],
          'Credit, invoices, prices and stock are read from SAP when somebody looks. They are not written to the database; the last figures stay in memory for an hour, for the case that SAP does not answer.',
          'What you let the app copy into Pipedrive (customers, contacts, items, credit status and the SAP number of a deal) is stored in Pipedrive, as your company’s own data there.',
        ],
      },
      {
        heading: 'How it is protected',
        blocks: [
          'All connections are encrypted, and certificates are always verified. Passwords, access tokens and values in the audit trail are encrypted with a key of your company’s own (AES-256-GCM). The database keeps companies apart by itself: no query of the app sees another company’s rows.',
          'Logs hold numbers of installations, jobs and requests; never tokens, passwords, cookies, or the content of a request.',
        ],
      },
      {
        heading: 'Who gets it',
        blocks: [
          'Your Pipedrive company and your SAP server, and nobody else: there is no advertising, no analysis of visitors and no other service that the app sends data to. It is stored in a database of the operator. The pages in Pipedrive set no cookies; installing sets one that ends after ten minutes.',
        ],
      },
      {
        heading: 'How long it is kept',
        blocks: [
          [
            'What Pipedrive told about changes, as it arrived: 14 days.',
            'Token counts: 35 days.',
            'Everything else: as long as the app is installed.',
            'After the last user has uninstalled the app, or an admin has chosen “Remove this app’s data” in its settings: passwords and access tokens are gone within one minute, everything else within minutes, and figures that were shown last are out of memory within an hour.',
            'If Pipedrive tells nothing of that, but refuses the access of everybody who installed the app: everything waits for 30 days in case somebody installs it again, which the app settings say with the day, and is then erased as if the last user had uninstalled it.',
            'Kept after that: for each deal that may have reached SAP, its number, the number of the SAP document and the key by which a second order is prevented, so that a company that comes back does not order twice; and the audit trail, whose encrypted values nobody can read any more because your company’s key is destroyed. Names of records and users that stand unencrypted in it are numbers and codes.',
            'Backups of the database end by themselves in the operator’s usual rhythm; without your company’s key the encrypted values in them cannot be read.',
          ],
        ],
      },
      {
        heading: 'Your rights',
        blocks: [
          'An admin can download what is stored (app settings, “Download your data”), all but passwords, tokens and the raw text of what Pipedrive and SAP told, and can have everything erased (“Remove this app’s data”). Whoever is no admin, or has no access any more, writes to the address above; requests to erase are answered within one month.',
        ],
      },
    ],
  };
}
