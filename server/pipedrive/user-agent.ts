/** How the app names itself to Pipedrive. */
export const USER_AGENT = 'Orderline/0.1 (SAP Business One for Pipedrive)';
