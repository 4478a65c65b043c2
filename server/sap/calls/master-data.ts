import type { ErpMasterData } from '../../app/ports/erp-master-data.ts';
import type { On } from '../on.ts';
import { getItemDetails, getKits, nextReceipts } from '../resources/item-details.ts';
import { getCreditAccount, getPartnerDetails } from '../resources/partner-details.ts';
import { PARTNER_GROUPS } from '../resources/reference-lists.ts';
import { readWhole } from '../resources/whole-list.ts';

export function masterDataCalls(on: On): ErpMasterData {
  return {
    listPartnerKinds: on((company) => readWhole(company, PARTNER_GROUPS)),
    getPartnerDetails: on(getPartnerDetails),
    getCreditAccount: on(getCreditAccount),
    getItemDetails: on(getItemDetails),
    getKits: on(getKits),
    nextReceipts: on(nextReceipts),
  };
}
