import { z } from 'zod';
import { ERP_EVENT_OBJECTS, type ErpEventCredential, type ErpSubscription } from '../../app/ports/erp-events.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { isBadQuery, readOne, readPage } from '../lists.ts';
import { filled, OptionalText } from '../mappers/values.ts';
import { compare, type FieldOfType, keyed, text } from '../odata.ts';
import { isUnknownResource } from './unknown-resource.ts';

const SubscriptionRow = z.object({
  WebhookID: z.string(),
  WebhookURL: OptionalText,
  State: OptionalText,
} satisfies Partial<Record<FieldOfType<'EventSubscription'>, z.ZodType>>);
type SubscriptionRow = z.infer<typeof SubscriptionRow>;

const SELECT = SubscriptionRow.keyof().options;

async function read(company: SapCompany, webhookId: string): Promise<SubscriptionRow | undefined> {
  const query = {
    select: SELECT,
    filter: compare<'EventSubscriptions'>('WebhookID', 'eq', text(webhookId)),
    orderBy: ['WebhookID'],
    top: 1,
  } as const;
  return (await readPage(company, 'EventSubscriptions', query, SubscriptionRow)).rows[0];
}

export async function hasEvents(company: SapCompany): Promise<boolean> {
  try {
    await read(company, '');
    return true;
  } catch (error) {
    // Older feature packs do not know the entity; without the right to manage webhooks SAP answers 403.
    if (error instanceof RejectedError || error instanceof NotFoundError || isBadQuery(error)) return false;
    throw error;
  }
}

export async function findSubscription(company: SapCompany, webhookId: string): Promise<ErpSubscription | undefined> {
  const row = await read(company, webhookId);
  return row && { webhookId: row.WebhookID, url: row.WebhookURL ?? '', state: stateOf(row.State) };
}

function stateOf(state: string | null | undefined): ErpSubscription['state'] {
  return state === 'Active' || state === 'Inactive' || state === 'Exceptional' ? state : 'unknown';
}

export async function createSubscription(
  company: SapCompany,
  webhookId: string,
  url: string,
  credential: ErpEventCredential,
): Promise<void> {
  const body: Partial<Record<FieldOfType<'EventSubscription'>, unknown>> = {
    WebhookID: webhookId,
    WebhookURL: url,
    ...authentication(credential),
    Handshake: 'tYES',
    VerifyCertificate: 'tYES',
    EventCollection: await wantedEvents(company),
  };
  await company.write({ method: 'POST', target: 'EventSubscriptions', body: JSON.stringify(body) });
}

/** One row an event in the description (`TransactionType`), one row an object in the guide (`TransactionTypes`, with commas). */
const CatalogRow = z
  .object({ BusinessObject: z.string(), TransactionType: OptionalText, TransactionTypes: OptionalText })
  .transform(({ BusinessObject, TransactionType, TransactionTypes }) => ({
    BusinessObject,
    names: (TransactionTypes ?? TransactionType ?? '').split(',').flatMap((name) => filled(name) ?? []),
  }));
const Catalog = z.union([
  z.array(CatalogRow),
  z.object({ Events: z.array(CatalogRow) }).transform(({ Events }) => Events),
  z.object({ value: z.array(CatalogRow) }).transform(({ value }) => value),
]);

const WANTED: ReadonlySet<string> = new Set(ERP_EVENT_OBJECTS);
/** Where the catalogue cannot be read: what the guide names for every object of ours. */
const SURELY_OFFERED = ['Created', 'Updated'] as const;

/** Whatever the server offers about our objects: one event that it does not know has the whole subscription refused. */
async function wantedEvents(company: SapCompany): Promise<readonly EventRow[]> {
  const catalog = await readCatalog(company);
  if (!catalog) {
    return ERP_EVENT_OBJECTS.flatMap((BusinessObject) =>
      SURELY_OFFERED.map((TransactionType) => ({ BusinessObject, TransactionType })),
    );
  }
  return catalog
    .filter(({ BusinessObject }) => WANTED.has(BusinessObject))
    .flatMap(({ BusinessObject, names }) => names.map((TransactionType) => ({ BusinessObject, TransactionType })));
}

interface EventRow {
  readonly BusinessObject: string;
  readonly TransactionType: string;
}

/** GET in SAP's guide, POST in the older metadata. */
async function readCatalog(company: SapCompany): Promise<readonly z.infer<typeof CatalogRow>[] | undefined> {
  const ask = (method: 'GET' | 'POST') =>
    company.read(
      () => ({ method, target: 'EventSubscriptionsService_GetEventCatalog' }),
      (answer) => readOne(answer, Catalog),
    );
  try {
    return await ask('GET');
  } catch (error) {
    if (!isUnknownResource(error)) throw error;
  }
  try {
    return await ask('POST');
  } catch (error) {
    if (isUnknownResource(error)) return undefined;
    throw error;
  }
}

/** `AuthenticationCred` is JSON inside a text (SAP's guide, "Webhooks"). */
function authentication(credential: ErpEventCredential) {
  return credential.auth === 'hmac'
    ? {
        AuthenticationType: 'HMAC',
        AuthenticationCred: JSON.stringify({ Key: credential.key, Algorithm: 'HMACSha256' }),
      }
    : {
        AuthenticationType: 'Basic',
        AuthenticationCred: JSON.stringify({ Username: credential.user, Password: credential.password }),
      };
}

export async function resumeSubscription(company: SapCompany, webhookId: string): Promise<void> {
  await company.write({ method: 'POST', target: `${keyed('EventSubscriptions', text(webhookId))}/Resume` });
}

/** Asked for first: what a missing key is answered with differs between versions. */
export async function deleteSubscription(company: SapCompany, webhookId: string): Promise<void> {
  if (!(await read(company, webhookId))) return;
  await company.write({ method: 'DELETE', target: keyed('EventSubscriptions', text(webhookId)) });
}
