import { normaliseName } from '../../domain/entity-match.ts';
import { normaliseContactPoint, withSapValue } from '../../domain/partner-mapping.ts';
import { contentHash } from '../../kernel/canonical-json.ts';
import { AppError, ForbiddenError } from '../../kernel/errors.ts';
import type { CrmPerson, PersonValues } from '../ports/crm.ts';
import type { ErpContact, ErpPartner } from '../ports/erp.ts';
import type { EntityLink } from '../ports/link-store.ts';
import { lookFirst, sentInTime } from './look-first.ts';
import { contactJson } from './partner-values.ts';
import { afterHidden, afterRefusal, isPassing, isSettled, marksIn, raiseRefused, remedyFor } from './record-refused.ts';
import { listSeeingAll, mayBeHidden } from './seeing-all.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/**
 * A partner's contact persons become persons of its organization.
 * @param people how many persons the organization has, as far as Pipedrive tells; asked only where its people may be there
 * and have to be looked for first. Null: it was made just now and has none
 * @returns false when one is missing because of a right, a plan, or nobody who sees all, so that the partner is to be tried again
 */
export async function writeContacts(
  deps: SyncDeps,
  context: SyncContext,
  partner: ErpPartner,
  organizationId: number,
  people: (() => Promise<number | undefined>) | null,
): Promise<boolean> {
  const { connection } = context.workplace;
  const { installationId } = context.crmCaller;
  const contacts = partner.contacts.filter((contact) => contact.active && contact.name.trim() !== '');
  if (contacts.length === 0) return true;
  const links = await deps.unitOfWork.within(installationId, (tx) =>
    deps.links.listContacts(tx, connection.id, partner.cardCode),
  );
  const bySapKey = new Map(links.map((link) => [link.sapKey, link]));
  const states = contacts.map((contact) => bySapKey.get(sapKeyOf(partner, contact))?.state);
  // Listing them costs ten times what asking for their number does.
  const isNew = people !== null && states.includes(undefined);
  const isCreating = states.includes('creating');
  const since = latest(contacts.flatMap((contact) => bySapKey.get(sapKeyOf(partner, contact))?.creatingSince ?? []));
  const look = () => listPersons(deps, context, organizationId);
  const lookIfAny = async () =>
    isCreating || (isNew && mayHaveOthers(await people(), links))
      ? lookFirst(look, { since, now: deps.clock.now() })
      : [];
  // Undefined: some may be hidden, so that none is taken on or made until an admin serves again.
  const existing = isNew || isCreating ? await listSeeingAll(deps, context, lookIfAny) : [];
  const taken = new Set(links.flatMap((link) => (link.pipedriveId === null ? [] : [link.pipedriveId])));
  let allowed = true;
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
    if (link.pipedriveId === null && !existing) allowed = false;
    else if (!(await writeContact({ deps, context, contact, organizationId, existing: existing ?? [], taken }, link)))
      allowed = false;
  }
  return allowed;
}

/** Whether the organization may have people besides those that are linked; taken for so where Pipedrive does not tell. */
function mayHaveOthers(people: number | undefined, links: readonly EntityLink[]): boolean {
  return people !== 0 && people !== links.filter(({ state }) => state === 'linked').length;
}

function latest(instants: readonly Date[]): Date | null {
  return instants.length === 0 ? null : new Date(Math.max(...instants.map((instant) => instant.getTime())));
}

interface ContactWork {
  readonly deps: SyncDeps;
  readonly context: SyncContext;
  readonly contact: ErpContact;
  readonly organizationId: number;
  readonly existing: readonly CrmPerson[];
  readonly taken: Set<number>;
}

async function writeContact(work: ContactWork, link: EntityLink): Promise<boolean> {
  const { deps, context, contact, organizationId, taken } = work;
  const content = contentHash({ ...contactJson(contact), organizationId });
  const hash = `${content}${marksOf(work)}`;
  if (isSettled(link, hash)) return true;
  try {
    const personId = await upsertPerson(work, link);
    taken.add(personId);
    await saveWritten(work, link, personId, hash);
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error;
    if (link.pipedriveId !== null && (await mayBeHidden(deps, context, error))) {
      await saveLink(work, afterHidden(link));
      return false;
    }
    await saveLink(work, afterRefusal(link, error, hash));
    const message = `SAP contact ${link.sapKey} could not be written to Pipedrive: ${error.message}`;
    await raiseRefused(deps, context, `contact:${link.sapKey}`, message, remedyFor(error));
    return !(error instanceof ForbiddenError);
  }
}

/** @param hash ends in marks of address and number, by which SAP's earlier ones are known again in Pipedrive's lists */
async function saveWritten(
  { deps, context }: ContactWork,
  link: EntityLink,
  personId: number,
  hash: string,
): Promise<void> {
  await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
    const written = {
      ...link,
      pipedriveId: personId,
      state: 'linked',
      creatingSince: null,
      contentHash: hash,
    } as const;
    await deps.links.save(tx, context.workplace.connection.id, written);
    if (link.contentHash !== null)
      await deps.findings.resolve(tx, 'record_refused', `contact:${link.sapKey}`, deps.clock.now());
  });
}

/** Of address, number, name and organization: what SAP gave earlier is known again, and what it did not change is left. */
function marksOf({ contact, organizationId }: Pick<ContactWork, 'contact' | 'organizationId'>): string {
  const { email, phone, name } = contact;
  return `.${markOf(email)}.${markOf(phone)}.${contentHash(name).slice(0, 16)}.${organizationId}`;
}

function markOf(value: string | null): string {
  return value === null ? '' : contentHash(normaliseContactPoint(value)).slice(0, 16);
}

async function upsertPerson(work: ContactWork, link: EntityLink): Promise<number> {
  const { deps, context, contact, organizationId, existing, taken } = work;
  const values = { name: contact.name, organizationId };
  const personId = link.pipedriveId ?? findSame(contact, existing, taken);
  if (personId !== undefined) {
    const changed = {
      ...changedValues(work, link.contentHash),
      ...(await mergePoints(work, personId, link.contentHash)),
    };
    if (Object.keys(changed).length > 0) await deps.crm.updatePerson(context.crmCaller, personId, changed);
    return personId;
  }
  const since = deps.clock.now();
  await saveLink(work, { ...link, state: 'creating', creatingSince: since });
  return deps.crm.createPerson(sentInTime(context.crmCaller, since), {
    ...values,
    emails: withSapValue([], contact.email, () => false),
    phones: withSapValue([], contact.phone, () => false),
  });
}

/** A person whom a rep renamed, or moved to another organization, stays so until SAP's own name or customer changes. */
function changedValues(work: ContactWork, lastHash: string | null): Partial<PersonValues> {
  const [, , , lastName, lastOrganization] = marksIn(lastHash).split('.');
  const [, , , name, organization] = marksOf(work).split('.');
  return {
    ...(name === lastName ? {} : { name: work.contact.name }),
    ...(organization === lastOrganization ? {} : { organizationId: work.organizationId }),
  };
}

/** Sales people add addresses and numbers of their own, which stay; what did not change in SAP is left out. */
async function mergePoints(
  { deps, context, contact, existing }: ContactWork,
  personId: number,
  lastHash: string | null,
): Promise<Pick<PersonValues, 'emails' | 'phones'>> {
  const [, lastEmail = '', lastPhone = ''] = marksIn(lastHash).split('.');
  const newEmail = markOf(contact.email) === lastEmail ? null : contact.email;
  const newPhone = markOf(contact.phone) === lastPhone ? null : contact.phone;
  if (!newEmail && !newPhone) return {};
  const listed = existing.find(({ id }) => id === personId);
  const { emails, phones } = listed ?? (await deps.crm.getPerson(context.crmCaller, personId));
  return {
    emails: withSapValue(emails, newEmail, (value) => markOf(value) === lastEmail),
    phones: withSapValue(phones, newPhone, (value) => markOf(value) === lastPhone),
  };
}

/** The same e-mail, else the same name, within one organization. */
function findSame(contact: ErpContact, existing: readonly CrmPerson[], taken: ReadonlySet<number>): number | undefined {
  const free = existing.filter((person) => !taken.has(person.id));
  const email = markOf(contact.email);
  const byEmail = email ? free.find((person) => person.emails.some(({ value }) => markOf(value) === email)) : undefined;
  return (byEmail ?? free.find((person) => normaliseName(person.name) === normaliseName(contact.name)))?.id;
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
