/**
 * What SAP has to have so that one deal becomes one document, in SAP's own words: made by the customer's SAP partner from
 * a printed sheet, or by us on consent. The one source for both.
 */
export const KEY_FIELD = {
  /** Made on the order table; SAP then adds it to all its document tables, drafts included. */
  tableName: 'ORDR',
  /** Seen on documents as `U_PD_Key`. */
  name: 'PD_Key',
  description: 'Pipedrive key',
  type: 'db_Alpha',
  subType: 'st_None',
  /** Characters. A key has 32 to 35. */
  size: 64,
} as const;

/**
 * One row for each document that we make, its code the document's key, written in the same transaction: the table's own
 * primary key then lets no second document through. Made without objects, so SAP gives it the columns Code (50
 * characters) and Name (100) by itself; no further key is needed.
 */
export const LEDGER_TABLE = {
  /** Seen as the entity set `U_PD_LINK`. */
  name: 'PD_LINK',
  description: 'Pipedrive documents',
  type: 'bott_NoObject',
} as const;

/** How a hand-off is kept from becoming two documents: by the ledger table, or by waiting and looking alone. */
export type HandoffGuard = 'ledger' | 'settle';
