import { CREDIT_STATUS_TEXT } from '../domain/partner-mapping.ts';
import { after, type Clock } from '../kernel/clock.ts';
import { AppError, ForbiddenError, UnavailableError } from '../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../kernel/ids.ts';
import { CRM_FIELDS, fits, type WantedField } from './crm-field-list.ts';
import { planOptions, type WantedOption } from './crm-field-options.ts';
import { MATCHING_FIELDS } from './matching-fields.ts';
import type { AuditLog, AuditVerb } from './ports/audit-log.ts';
import type { Crm, CrmCaller, CrmField } from './ports/crm.ts';
import type { CrmFieldPurpose, CrmFieldStore, KnownCrmField, KnownOption } from './ports/crm-field-store.ts';
import type { Erp, ErpCaller } from './ports/erp.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { LinkStore } from './ports/link-store.ts';
import type { CursorStore } from './ports/sync-store.ts';
import type { Tx, UnitOfWork } from './ports/unit-of-work.ts';

const REMEDY =
  'Free a custom field or let an admin install the app; then agree again in the app settings, or wait for the next hour.';

/** Fields looked at longer ago are looked at again before anything is written into them. */
const FRESH_MS = 4 * 60 * 60_000;

export interface EnsureCrmFieldsDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly crmFields: CrmFieldStore;
  readonly links: LinkStore;
  readonly cursors: CursorStore;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
  readonly crm: Pick<Crm, 'listFields' | 'createField' | 'addFieldOptions' | 'renameFieldOptions'>;
  readonly erp: Pick<Erp, 'listPartnerGroups'>;
}

/** True when somebody may have renamed or deleted one of these fields since they were looked at. */
export function isStale(fields: readonly KnownCrmField[], now: Date): boolean {
  return fields.some(({ seenAt }) => seenAt === null || after(seenAt, FRESH_MS) <= now);
}

/**
 * `if_missing`: asks nothing while all are known, since SAP's side may be tried very often and Pipedrive's lists cost
 * tokens. `look`: makes none, because Pipedrive takes two of one name; that is for the one job that runs alone.
 */
type Mode = 'if_missing' | 'all' | 'look';

/**
 * Makes the app's fields exist in Pipedrive, and the options of its lists agree with SAP. What cannot be made is reported
 * once, with the number of records that wait for it; a renamed field stays in use, a deleted one is made anew.
 */
export function makeEnsureCrmFields(deps: EnsureCrmFieldsDeps) {
  return async function ensureCrmFields(crmCaller: CrmCaller, erpCaller: ErpCaller, mode: Mode): Promise<void> {
    const { installationId } = crmCaller;
    const known = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.list(tx));
    if (mode === 'if_missing' && CRM_FIELDS.every(({ purpose }) => known.some((field) => field.purpose === purpose)))
      return;
    const present = {
      organization: await deps.crm.listFields(crmCaller, 'organization'),
      deal: await deps.crm.listFields(crmCaller, 'deal'),
    };
    let full: ForbiddenError | undefined;
    for (const wanted of CRM_FIELDS) {
      const before = known.find(({ purpose }) => purpose === wanted.purpose);
      const run = { crmCaller, erpCaller, wanted, before, mayMake: mode !== 'look' };
      // Where the plan has no room for one more field, it has none for the next one either.
      full = (await ensureOne(run, present[wanted.entity], full)) ?? full;
    }
  };

  /** @returns why none could be made, where that holds for all */
  async function ensureOne(
    run: Run,
    present: readonly CrmField[],
    full: ForbiddenError | undefined,
  ): Promise<ForbiddenError | undefined> {
    const { wanted, before } = run;
    const same = present.find(({ code }) => code === before?.code);
    const found = same ?? findField(wanted, present);
    if (before && !same) await forget(run, before);
    if (before && same && before.name !== '' && before.name !== same.name)
      await append(run, 'field_renamed', { from: before.name, to: same.name });
    if (!found && !run.mayMake) return undefined;
    if (!found && full) return await report(run, full);
    const field = found ?? (await unlessRefused(() => create(run)));
    if (field instanceof AppError) return await report(run, field);
    const choices = fits(wanted, field.type) && field.type === 'enum' ? await syncOptions(run, field) : NO_CHOICES;
    await save(run, field, choices, { made: found === undefined, fresh: same === undefined });
    if (choices.refusal) await reportOptions(run, field, choices.refusal);
    return undefined;
  }

  /** Somebody deleted it: nothing is written into it any more, or Pipedrive would refuse the whole record. */
  async function forget(run: Run, { purpose, name }: KnownCrmField): Promise<void> {
    await deps.unitOfWork.within(run.crmCaller.installationId, (tx) => deps.crmFields.remove(tx, purpose));
    await append(run, 'field_gone', { name });
  }

  async function create({ crmCaller, erpCaller, wanted }: Run): Promise<CrmField> {
    const { entity, name, type } = wanted;
    if (type !== 'enum') return deps.crm.createField(crmCaller, entity, { name, type });
    const options = (await wantedOptions(erpCaller, wanted.purpose)).map(({ label }) => label);
    return deps.crm.createField(crmCaller, entity, { name, type, options });
  }

  /** What Pipedrive does not take is tried again with the next look; the rest of the options stays in use. */
  async function syncOptions(run: Run, field: CrmField): Promise<Choices> {
    const { crmCaller, wanted, erpCaller } = run;
    const before = run.before?.options ?? [];
    const choices = await unlessRefused(() => wantedOptions(erpCaller, wanted.purpose));
    if (choices instanceof AppError) return { options: before, changed: false, refusal: choices };
    const plan = planOptions(field.options, before, choices);
    const options = [...plan.known];
    const refusals: AppError[] = [];
    if (plan.rename.length > 0) {
      const { code } = field;
      const done = await unlessRefused(() => deps.crm.renameFieldOptions(crmCaller, wanted.entity, code, plan.rename));
      if (done instanceof AppError) refusals.push(done);
      options.push(...(done ? before.filter(({ key }) => plan.rename.some((one) => one.key === key)) : plan.rename));
    }
    if (plan.add.length > 0) {
      const labels = plan.add.map(({ label }) => label);
      const added = await unlessRefused(() => deps.crm.addFieldOptions(crmCaller, wanted.entity, field.code, labels));
      if (added instanceof AppError) refusals.push(added);
      for (const option of plan.add) {
        const made = added instanceof AppError ? undefined : added.find(({ label }) => label === option.label);
        if (made) options.push({ ...option, id: made.id });
      }
    }
    const [refusal] = refusals;
    return { options, changed: plan.rename.length + plan.add.length > 0, refusal };
  }

  async function wantedOptions(erpCaller: ErpCaller, purpose: CrmFieldPurpose): Promise<readonly WantedOption[]> {
    if (purpose === 'organization.credit_status')
      return Object.entries(CREDIT_STATUS_TEXT).map(([key, label]) => ({ key, label }));
    const groups = await deps.erp.listPartnerGroups(erpCaller);
    return [...groups].map(([code, label]) => ({ key: String(code), label }));
  }

  async function save(
    run: Run,
    field: CrmField,
    { options, changed, refusal }: Choices,
    { made, fresh }: { readonly made: boolean; readonly fresh: boolean },
  ): Promise<void> {
    const { crmCaller, wanted, before } = run;
    const { code, name, type } = field;
    const now = deps.clock.now();
    await deps.unitOfWork.within(crmCaller.installationId, async (tx) => {
      const own = fresh ? made || isOwn(wanted, field) : (before?.own ?? false);
      await deps.crmFields.save(tx, { purpose: wanted.purpose, code, name, type, own, options, seenAt: now });
      // A new field may tell who is who, and is empty for all that were written before.
      if (fresh && wanted.entity === 'organization')
        await deps.cursors.restart(tx, run.erpCaller.connectionId, 'partners');
      if (!refusal) await deps.findings.resolve(tx, 'field_missing', wanted.purpose, now);
      // What was refused for a field, or an option, that was gone: see inbound-sync/leave-out-fields.ts.
      if (before && (fresh || (changed && !refusal)))
        await deps.findings.resolve(tx, 'record_refused', `field:${before.code}`, now);
    });
    if (made) await append(run, 'fields_created', null);
  }

  /** @returns why none could be made, where that holds for all */
  async function report({ crmCaller, erpCaller, wanted }: Run, error: AppError): Promise<ForbiddenError | undefined> {
    const link = { resource: 'settings', id: null } as const;
    await deps.unitOfWork.within(crmCaller.installationId, async (tx) => {
      const waiting = await countWaiting(tx, erpCaller.connectionId, wanted);
      const wait = waiting === 0 ? '' : ` ${waiting === 1 ? 'One record waits' : `${waiting} records wait`} for it.`;
      const message = `The field “${wanted.name}” could not be made in Pipedrive: ${error.message}${wait}`;
      const action = MATCHING_FIELDS.includes(wanted.purpose)
        ? `${REMEDY} Until then no customers and items are brought to Pipedrive.`
        : REMEDY;
      const finding = { kind: 'field_missing', subject: wanted.purpose, message, action, link } as const;
      await deps.findings.raise(tx, finding, deps.clock.now());
    });
    return error instanceof ForbiddenError ? error : undefined;
  }

  async function reportOptions({ crmCaller, wanted }: Run, { name }: CrmField, error: AppError): Promise<void> {
    const finding = {
      kind: 'field_missing',
      subject: wanted.purpose,
      message: `The choices of the field “${name}” in Pipedrive could not be brought in line with SAP: ${error.message}`,
      action: `Look at the choices of “${name}” in Pipedrive, or let an admin install the app. It is tried again every day.`,
      link: { resource: 'settings', id: null },
    } as const;
    await deps.unitOfWork.within(crmCaller.installationId, (tx) => deps.findings.raise(tx, finding, deps.clock.now()));
  }

  /** Organizations that would get a value; how many deals would is told by nothing that is cheap to ask. */
  async function countWaiting(tx: Tx, connectionId: ConnectionId, { entity }: WantedField): Promise<number> {
    if (entity !== 'organization') return 0;
    const { linked, to_create } = await deps.links.count(tx, connectionId, 'partner');
    return linked + to_create;
  }

  function append({ crmCaller, wanted }: Run, verb: AuditVerb, after: Readonly<Record<string, string>> | null) {
    return deps.unitOfWork.within(crmCaller.installationId, (tx) =>
      deps.audit.append(tx, {
        verb,
        source: { system: 'orderline', key: 'pipedrive', version: null },
        target: `${wanted.entity}:${wanted.name}`,
        before: null,
        after,
        runId: null,
        requestId: null,
        userId: null,
        at: deps.clock.now(),
      }),
    );
  }
}

/** The options of one field. */
interface Choices {
  readonly options: readonly KnownOption[];
  /** Others were wanted than were there. */
  readonly changed: boolean;
  readonly refusal: AppError | undefined;
}

const NO_CHOICES: Choices = { options: [], changed: false, refusal: undefined };

/**
 * What it gave, or the refusal that only a person can change.
 * @throws {UnavailableError} for a field that was there a moment ago: the job looks again instead of ending
 */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | AppError> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.kind === 'rejected' || error.kind === 'forbidden') return error;
    if (error.kind === 'not_found' || error.kind === 'conflict')
      throw new UnavailableError('The fields in Pipedrive changed while they were looked at.', { cause: error });
    throw error;
  }
}

interface Run {
  readonly crmCaller: CrmCaller & { readonly installationId: InstallationId };
  readonly erpCaller: ErpCaller;
  readonly wanted: WantedField;
  /** As it was known before; undefined: never. */
  readonly before: KnownCrmField | undefined;
  readonly mayMake: boolean;
}

/** By name and type: after a re-install the fields are still there, and names are not unique in Pipedrive. */
function findField(wanted: WantedField, present: readonly CrmField[]): CrmField | undefined {
  const usable = present.filter((field) => field.custom && fits(wanted, field.type));
  return (
    usable.find((field) => field.name === wanted.name) ??
    usable.find((field) => wanted.alsoKnownAs.some((name) => name.test(field.name.trim())))
  );
}

/** A field of a name that only this app gives was made by it, before it was installed anew. */
function isOwn(wanted: WantedField, existing: CrmField): boolean {
  return existing.name === wanted.name && !wanted.commonName;
}
