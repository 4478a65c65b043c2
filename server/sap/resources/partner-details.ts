import { z } from 'zod';
import type { ErpCreditAccount, ErpPartnerDetails } from '../../app/ports/erp-master-data.ts';
import { creditExposure } from '../../domain/credit.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import { isZero } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import { readOne, selectFor, withSelectableCollections } from '../lists.ts';
import { PartnerDetailsRow, toPartnerDetails } from '../mappers/partner-details.ts';
import type { ShapeOf } from '../mappers/reference-rows.ts';
import { amount, filled, OptionalNumber, OptionalText } from '../mappers/values.ts';
import { type FieldOf, one, text } from '../odata.ts';
import { getCompanyRules } from './company-rules.ts';
import { todayAt } from './partners.ts';

export async function getPartnerDetails(company: SapCompany, cardCode: string): Promise<ErpPartnerDetails> {
  const select = PartnerDetailsRow.keyof().options;
  return toPartnerDetails(await readPartner(company, cardCode, select, PartnerDetailsRow), todayAt(company));
}

const CreditRow = z.object({
  CardCode: z.string().min(1),
  FatherCard: OptionalText,
  CreditLimit: OptionalNumber,
  MaxCommitment: OptionalNumber,
  CurrentAccountBalance: OptionalNumber,
  OpenDeliveryNotesBalance: OptionalNumber,
  OpenOrdersBalance: OptionalNumber,
  OpenChecksBalance: OptionalNumber,
} satisfies ShapeOf<'BusinessPartner'>);
const CREDIT_FIELDS = CreditRow.keyof().options;

/** Partner and switches side by side; the head office, where there is one, in a second round. */
export async function getCreditAccount(company: SapCompany, cardCode: string): Promise<ErpCreditAccount> {
  const [own, rules] = await Promise.all([
    readPartner(company, cardCode, CREDIT_FIELDS, CreditRow),
    getCompanyRules(company),
  ]);
  const headOffice = filled(own.FatherCard);
  const row = headOffice === null ? own : await readPartner(company, headOffice, CREDIT_FIELDS, CreditRow);
  const counts = { deliveries: rules.credit.countsDeliveries, orders: rules.credit.countsOrders };
  const figures = {
    balance: amount(row.CurrentAccountBalance),
    openDeliveries: amount(row.OpenDeliveryNotesBalance),
    openOrders: amount(row.OpenOrdersBalance),
  };
  return {
    cardCode,
    accountOf: row.CardCode,
    limit: limitOf(row.CreditLimit),
    commitmentLimit: limitOf(row.MaxCommitment),
    ...figures,
    openChecks: amount(row.OpenChecksBalance),
    exposure: creditExposure(figures, counts),
    counts,
  };
}

function limitOf(value: number | null | undefined): string | null {
  const limit = amount(value);
  return isZero(limit) ? null : limit;
}

async function readPartner<Row>(
  company: SapCompany,
  cardCode: string,
  select: readonly FieldOf<'BusinessPartners'>[],
  row: z.ZodType<Row>,
): Promise<Row> {
  try {
    return await withSelectableCollections(company, () =>
      company.read(
        () => ({ method: 'GET', target: one('BusinessPartners', text(cardCode), selectFor(company, select)) }),
        (answer) => readOne(answer, row),
      ),
    );
  } catch (error) {
    if (error instanceof RejectedError && error.code === '-2028') {
      throw new NotFoundError(`SAP has no business partner ${cardCode}.`, { cause: error });
    }
    throw error;
  }
}
