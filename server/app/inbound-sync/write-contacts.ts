import { normaliseName } from '../../domain/entity-match.ts';
import { contentHash } from '../../kernel/canonical-json.ts';
import { AppError, NotFoundError } from '../../kernel/errors.ts';
import type { CrmPerson, PersonValues } from '../ports/crm.ts';
import type { ErpContact, ErpPartner } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import { contactJson } from './partner-values.ts';
import { isPassing, raiseRefused } from './record-refused.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/**
 * A partner's contact persons become persons of its organization.
 * @param mayExist the organization was there before us, so its people may be too and are looked for first
 */
export async function writeContacts(
  deps: SyncDeps,
  context: SyncContext,
  partner: ErpPartner,
  organizationId: number,
  mayExist: boolean,
): Promise<void> {
  const { connection } = context.workplace;
  const { installationId } = context.crmCaller;
  const contacts = partner.contacts.filter((contact) => contact.active && contact.name.trim() !== '');
  if (contacts.length === 0) return;
  const links = await deps.unitOfWork.within(installationId, (tx) =>
    deps.links.listContacts(tx, connection.id, partner.cardCode),
  );
  const bySapKey = new Map(links.map((link) => [link.sapKey, link]));
  const unsure = contacts.some((contact) => bySapKey.get(sapKeyOf(partner, contact))?.state === 'creating');
  const existing = mayExist || unsure ? await listPersons(deps, context, organizationId) : [];
  const taken = new Set(links.flatMap((link) => (link.pipedriveId === null ? [] : [link.pipedriveId])));
  for (const contact of contacts) {
    const key = sapKeyOf(partner, contact);
    const link = bySapKey.get(key) ?? {
      kind: 'contact',
      sapKey: key,
      pipedriveId: null,
      state: 'to_create',
      creatingSince: null,
      contentHash: null,
    };
    await writeContact({ deps, context, contact, organizationId, existing, taken }, link);
  }
}

interface ContactWork {
  readonly deps: SyncDeps;
  readonly context: SyncContext;
  readonly contact: ErpContact;
  readonly organizationId: number;
  readonly existing: readonly CrmPerson[];
  readonly taken: Set<number>;
}

async function writeContact(work: ContactWork, link: EntityLink): Promise<void> {
  const { deps, context, contact, organizationId, taken } = work;
  const hash = contentHash({ ...contactJson(contact), organizationId });
  if (link.contentHash === hash || link.state === 'gone') return;
  try {
    const personId = await upsertPerson(work, link, valuesOf(contact, organizationId));
    taken.add(personId);
    await saveLink(work, { ...link, pipedriveId: personId, state: 'linked', creatingSince: null, contentHash: hash });
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error;
    if (error instanceof NotFoundError && link.pipedriveId !== null) await saveLink(work, { ...link, state: 'gone' });
    const message = `SAP contact ${link.sapKey} could not be written to Pipedrive: ${error.message}`;
    await raiseRefused(
      deps,
      context,
      `contact:${link.sapKey}`,
      message,
      'Correct it in SAP; it is tried again when it changes.',
    );
  }
}

async function upsertPerson(work: ContactWork, link: EntityLink, values: PersonValues): Promise<number> {
  const { deps, context, contact, existing, taken } = work;
  const personId = link.pipedriveId ?? findSame(contact, existing, taken);
  if (personId !== undefined) {
    await deps.crm.updatePerson(context.crmCaller, personId, values);
    return personId;
  }
  await saveLink(work, { ...link, state: 'creating', creatingSince: deps.clock.now() });
  return deps.crm.createPerson(context.crmCaller, values);
}

/** The same e-mail, else the same name, within one organization. */
function findSame(contact: ErpContact, existing: readonly CrmPerson[], taken: ReadonlySet<number>): number | undefined {
  const free = existing.filter((person) => !taken.has(person.id));
  const email = contact.email?.toLowerCase();
  const byEmail = email ? free.find((person) => person.emails.some((one) => one.toLowerCase() === email)) : undefined;
  return (byEmail ?? free.find((person) => normaliseName(person.name) === normaliseName(contact.name)))?.id;
}

function valuesOf(contact: ErpContact, organizationId: number): PersonValues {
  return {
    name: contact.name,
    organizationId,
    emails: contact.email ? [contact.email] : [],
    phones: contact.phone ? [contact.phone] : [],
  };
}

async function listPersons(
  deps: SyncDeps,
  context: SyncContext,
  organizationId: number,
): Promise<readonly CrmPerson[]> {
  const persons: CrmPerson[] = [];
  for await (const page of deps.crm.listPersons(context.crmCaller, { organizationId })) persons.push(...page);
  return persons;
}

async function saveLink({ deps, context }: ContactWork, link: EntityLink): Promise<void> {
  await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
    deps.links.save(tx, context.workplace.connection.id, link),
  );
}

function sapKeyOf(partner: ErpPartner, contact: ErpContact): string {
  return `${partner.cardCode}/${contact.code}`;
}
