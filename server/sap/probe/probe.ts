import type { ErpCapabilities, ErpClock, Feature } from '../../app/ports/erp-capabilities.ts';
import { granularityOf, type LocalStamp, offsetFromLooks } from '../../domain/server-clock.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import type { Dialect } from '../dialect.ts';
import { filled } from '../mappers/values.ts';
import { list } from '../odata.ts';
import { pingServer } from '../ping.ts';
import { todayAt } from '../resources/partners.ts';
import { answerOf } from './ask.ts';
import { decimalsOf, switchOf } from './feature.ts';
import * as questions from './questions.ts';

/**
 * Asks one system what it can do, by some twenty small requests that change nothing; three side by side.
 * @throws {ReauthRequiredError} {UnavailableError} {RateLimitedError} when SAP could not be asked at all
 */
export async function probeCapabilities(company: SapCompany, before: ErpClock | null): Promise<ErpCapabilities> {
  const dialect = await dialectOf(company);
  const info = answerOf(await questions.adminInfo(company));
  const [version, userTables, traded] = await Promise.all([
    questions.version(company),
    questions.userTables(company),
    tradeOf(company),
  ]);
  const [batch, keyField, ledger] = await Promise.all([
    questions.batch(company),
    questions.keyField(company),
    questions.ledger(company),
  ]);
  const [sqlQueries, pageSize, clock] = await Promise.all([
    questions.sqlQueries(company),
    questions.pageSize(company),
    clockOf(company, before),
  ]);
  return {
    dialect: dialect.path === '/b1s/v2' ? 'v2' : 'v1',
    version,
    companyName: filled(info?.CompanyName),
    localCurrency: filled(info?.LocalCurrency),
    batch,
    userTables,
    keyField,
    ledger,
    sqlQueries,
    webhooks: await webhooksOf(company, dialect, info?.EnableWebhook),
    ...traded,
    approvals: switchOf(info?.EnableApprovalProcedureInDI),
    branches: switchOf(info?.EnableBranches),
    decimals: info ? decimalsOf(info) : null,
    pageSize,
    clock,
  };
}

/** A sign-in, and a question that every server answers: whoever fails here cannot be asked anything. */
async function dialectOf(company: SapCompany): Promise<Dialect> {
  let spoken: Dialect | undefined;
  const target = list('PriceLists', { select: ['PriceListNo'], orderBy: ['PriceListNo'], top: 1 });
  try {
    await company.read(
      (dialect) => {
        spoken = dialect;
        return { method: 'GET', target };
      },
      () => undefined,
    );
  } catch (error) {
    // Even a refusal came from SAP itself, in a dialect.
    if (!(error instanceof RejectedError) || !spoken) throw error;
  }
  if (!spoken) throw new RangeError('a read without a dialect');
  return spoken;
}

/** Managed through v2 alone (reference 11.1). A company that has them switched off may still show the list. */
async function webhooksOf(company: SapCompany, { path }: Dialect, enabled: unknown): Promise<Feature> {
  if (path !== '/b1s/v2') return 'no';
  const told = await questions.webhooks(company);
  return told === 'yes' && typeof enabled === 'string' ? switchOf(enabled) : told;
}

/** What can be told only with a customer and an item at hand. */
async function tradeOf(company: SapCompany) {
  const [{ etag, cardCode }, { collectionSelect, itemCode }] = await Promise.all([
    questions.etagAndCustomer(company),
    questions.collectionsAndItem(company),
  ]);
  if (cardCode === undefined || itemCode === undefined) {
    return { etag, collectionSelect, preview: 'unknown', itemPrice: 'unknown' } as const;
  }
  const today = todayAt(company);
  const [preview, itemPrice] = await Promise.all([
    questions.preview(company, cardCode, itemCode, today),
    questions.itemPrice(company, cardCode, itemCode, today),
  ]);
  return { etag, collectionSelect, preview, itemPrice };
}

async function clockOf(company: SapCompany, before: ErpClock | null): Promise<ErpClock> {
  const ping = await pingServer(company);
  const skewMs = ping.answered ? ping.skewMs : null;
  const [partners, items] = await Promise.all([
    questions.newestStamps(company, 'BusinessPartners'),
    questions.newestStamps(company, 'Items'),
  ]);
  const stamps = [...partners, ...items];
  const newest = newestOf(stamps);
  const at = new Date(company.world.clock.now().getTime() + (skewMs ?? 0));
  const measured = before
    ? offsetFromLooks({ newest: before.newest, at: new Date(before.lookedAt) }, { newest, at })
    : undefined;
  return {
    skewMs,
    offsetMinutes: measured ?? before?.offsetMinutes ?? null,
    stamps: granularityOf(stamps.map(({ time }) => time)),
    newest,
    lookedAt: at.toISOString(),
  };
}

function newestOf(stamps: readonly LocalStamp[]): LocalStamp | null {
  const sorted = [...stamps].sort((a, b) => `${b.date} ${b.time}`.localeCompare(`${a.date} ${a.time}`));
  return sorted[0] ?? null;
}
