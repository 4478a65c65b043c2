import { CREDIT_STATUS_TEXT } from '../domain/partner-mapping.ts';
import { after } from '../kernel/clock.ts';
import { AppError, ForbiddenError, UnavailableError } from '../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../kernel/ids.ts';
import { type FieldFindingsDeps, fieldFindings } from './crm-field-findings.ts';
import { CRM_FIELDS, FIELD_MARK, type FieldInUse, findInUse, fits, type WantedField } from './crm-field-list.ts';
import { planOptions, type WantedOption } from './crm-field-options.ts';
import type { AuditLog, AuditVerb } from './ports/audit-log.ts';
import type { Crm, CrmCaller, CrmField } from './ports/crm.ts';
import {
  type CrmFieldPurpose,
  type CrmFieldStore,
  type KnownCrmField,
  optionsFor,
  type StoredOption,
} from './ports/crm-field-store.ts';
import type { Erp, ErpCaller } from './ports/erp.ts';
import type { HandoffStore } from './ports/handoff-store.ts';
import type { CursorStore } from './ports/sync-store.ts';
import type { UnitOfWork } from './ports/unit-of-work.ts';

/** Fields looked at longer ago are looked at again before anything is written into them. */
const FRESH_MS = 4 * 60 * 60_000;

export interface EnsureCrmFieldsDeps extends FieldFindingsDeps {
  readonly unitOfWork: UnitOfWork;
  readonly crmFields: CrmFieldStore;
  readonly handoffs: FieldFindingsDeps['handoffs'] & Pick<HandoffStore, 'writeBackAnew'>;
  readonly cursors: CursorStore;
  readonly audit: AuditLog;
  readonly crm: Pick<Crm, 'listFields' | 'createField' | 'addFieldOptions' | 'renameFieldOptions'>;
  readonly erp: Pick<Erp, 'listPartnerGroups'>;
}

/** True when somebody may have renamed or deleted one of these fields since they were looked at. */
export function isStale(fields: readonly KnownCrmField[], now: Date): boolean {
  return fields.some(({ seenAt }) => seenAt === null || after(seenAt, FRESH_MS) <= now);
}

/** All of them are there, and the choices that mean this SAP company's customer groups are known. */
function allKnown(known: readonly KnownCrmField[], connectionId: ConnectionId): boolean {
  return CRM_FIELDS.every(({ purpose }) => {
    const field = known.find((one) => one.purpose === purpose);
    if (field?.purpose !== SEGMENT || field.type !== 'enum') return field !== undefined;
    return optionsFor(field, connectionId).length > 0;
  });
}

/** Whose word the options are: customer groups are one SAP company's, the credit status is the app's. */
const SEGMENT: CrmFieldPurpose = 'organization.segment';
const ownerOf = (purpose: CrmFieldPurpose, { connectionId }: ErpCaller): ConnectionId | null =>
  purpose === SEGMENT ? connectionId : null;

/**
 * `if_missing`: asks nothing while all are known, since SAP's side may be tried very often and Pipedrive's lists cost
 * tokens. `look`: makes none, because Pipedrive takes two of one name; that is for the one job that runs alone.
 */
type Mode = 'if_missing' | 'all' | 'look';

/**
 * Makes the app's fields exist in Pipedrive, and the options of its lists agree with SAP. What cannot be made is reported
 * once, with the number of records that wait for it; a renamed field stays in use, a deleted one is made anew. A field
 * that the company made for the same thing is used, and stays the company's: nothing in it is emptied or renamed.
 */
export function makeEnsureCrmFields(deps: EnsureCrmFieldsDeps) {
  const findings = fieldFindings(deps);

  return async function ensureCrmFields(crmCaller: CrmCaller, erpCaller: ErpCaller, mode: Mode): Promise<void> {
    const { installationId } = crmCaller;
    const known = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.list(tx));
    if (mode === 'if_missing' && allKnown(known, erpCaller.connectionId)) return;
    const present = {
      organization: await deps.crm.listFields(crmCaller, 'organization'),
      deal: await deps.crm.listFields(crmCaller, 'deal'),
    };
    const noRoom: WantedField[] = [];
    let lacksOne = false;
    let full: ForbiddenError | undefined;
    for (const wanted of CRM_FIELDS) {
      const before = known.find(({ purpose }) => purpose === wanted.purpose);
      const run = { crmCaller, erpCaller, wanted, before, mayMake: mode !== 'look' };
      const outcome = await ensureOne(run, present[wanted.entity], full);
      if (outcome === 'not_tried') lacksOne = true;
      // Where the plan has no room for one more field, it has none for the next one either.
      if (outcome instanceof ForbiddenError) {
        full = outcome;
        noRoom.push(wanted);
      }
    }
    if (lacksOne) return;
    await deps.unitOfWork.within(installationId, (tx) => findings.noRoom(tx, erpCaller.connectionId, noRoom, full));
  };

  /** @param full why none could be made, where that holds for all */
  async function ensureOne(
    run: Run,
    present: readonly CrmField[],
    full: ForbiddenError | undefined,
  ): Promise<'there' | 'refused' | 'not_tried' | ForbiddenError> {
    const { wanted, before } = run;
    const found = findInUse(wanted, present, before);
    const same = before && found?.field.code === before.code ? found.field : undefined;
    if (before && !same) await forget(run, before);
    if (before && same && before.name !== '' && before.name !== same.name)
      await append(run, 'field_renamed', { from: before.name, to: same.name });
    if (!found && !run.mayMake) return 'not_tried';
    if (!found && full) return full;
    const made = found ? undefined : await unlessRefused(() => create(run));
    if (made instanceof ForbiddenError) return made;
    if (made instanceof AppError) {
      await deps.unitOfWork.within(run.crmCaller.installationId, (tx) =>
        findings.refused(tx, run.erpCaller.connectionId, wanted, made),
      );
      return 'refused';
    }
    const use = found ?? (made && { field: made, own: true });
    if (use) await take(run, use, { made: made !== undefined, fresh: same === undefined });
    return 'there';
  }

  async function take(run: Run, use: FieldInUse, is: { readonly made: boolean; readonly fresh: boolean }) {
    const { wanted, crmCaller } = run;
    const { field } = use;
    const choices = fits(wanted, field.type) && field.type === 'enum' ? await syncOptions(run, use) : NO_CHOICES;
    await save(run, use, choices, is);
    const { refusal } = choices;
    if (!refusal) return;
    await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
      findings.refusedOptions(tx, wanted, field.name, refusal),
    );
  }

  /** Somebody deleted it: nothing is written into it any more, or Pipedrive would refuse the whole record. */
  async function forget(run: Run, { purpose, name }: KnownCrmField): Promise<void> {
    await deps.unitOfWork.within(run.crmCaller.installationId, (tx) => deps.crmFields.remove(tx, purpose));
    await append(run, 'field_gone', { name });
  }

  async function create({ crmCaller, erpCaller, wanted }: Run): Promise<CrmField> {
    const { entity, name, type } = wanted;
    if (type !== 'enum') {
      const mark = entity === 'deal' && { description: FIELD_MARK };
      return deps.crm.createField(crmCaller, entity, { name, type, ...mark });
    }
    const options = (await wantedOptions(erpCaller, wanted.purpose)).map(({ label }) => label);
    return deps.crm.createField(crmCaller, entity, { name, type, options });
  }

  /** What Pipedrive does not take is tried again with the next look; the rest of the options stays in use. */
  async function syncOptions(run: Run, { field, own }: FieldInUse): Promise<Choices> {
    const { crmCaller, wanted, erpCaller } = run;
    const stored = run.before?.options ?? [];
    const owner = ownerOf(wanted.purpose, erpCaller);
    const before = run.before ? optionsFor(run.before, erpCaller.connectionId) : [];
    const choices = await unlessRefused(() => wantedOptions(erpCaller, wanted.purpose));
    if (choices instanceof AppError) return { options: stored, changed: false, refusal: choices };
    // What another company's customers are filed under keeps its name, and so does what people made themselves.
    const mayRename = (id: number) => own && stored.every((one) => one.id !== id || one.connectionId === owner);
    const plan = planOptions(field.options, before, choices, mayRename);
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
    const mine = options.map(({ id, key, label }) => ({ id, key, label, connectionId: owner }));
    const others = stored.filter(
      ({ id, key, connectionId }) =>
        connectionId !== owner &&
        (connectionId !== null || !mine.some((one) => one.id === id && one.key === key)) &&
        field.options.some((there) => there.id === id),
    );
    const changed = plan.rename.length + plan.add.length > 0;
    return { options: [...mine, ...others], changed, refusal };
  }

  async function wantedOptions(erpCaller: ErpCaller, purpose: CrmFieldPurpose): Promise<readonly WantedOption[]> {
    if (purpose === 'organization.credit_status')
      return Object.entries(CREDIT_STATUS_TEXT).map(([key, label]) => ({ key, label }));
    const groups = await deps.erp.listPartnerGroups(erpCaller);
    return [...groups].map(([code, label]) => ({ key: String(code), label }));
  }

  async function save(
    run: Run,
    { field, own }: FieldInUse,
    { options, changed, refusal }: Choices,
    { made, fresh }: { readonly made: boolean; readonly fresh: boolean },
  ): Promise<void> {
    const { crmCaller, erpCaller, wanted, before } = run;
    const { code, name, type } = field;
    const now = deps.clock.now();
    await deps.unitOfWork.within(crmCaller.installationId, async (tx) => {
      await deps.crmFields.save(tx, { purpose: wanted.purpose, code, name, type, own, options, seenAt: now });
      // A new field may tell who is who, and is empty for all that were written before.
      const { connectionId } = erpCaller;
      // So are the choices of a SAP company that was not asked before, and of a group that got another one.
      const other =
        before !== undefined && meansOther(optionsFor(before, connectionId), optionsFor({ options }, connectionId));
      if ((fresh || other) && wanted.entity === 'organization')
        await deps.cursors.restart(tx, connectionId, 'partners');
      if (fresh && wanted.entity === 'deal') await deps.handoffs.writeBackAnew(tx, connectionId, now);
      if (!refusal) await deps.findings.resolve(tx, 'field_missing', wanted.purpose, now);
      // What was refused for a field, or an option, that was gone: see leave-out-fields.ts.
      if (before && (fresh || (changed && !refusal)))
        await deps.findings.resolve(tx, 'record_refused', `field:${before.code}`, now);
    });
    if (made) await append(run, 'fields_created', null);
    else if (fresh) await append(run, 'field_taken_up', { name });
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

/** True when what was written under the choices of before would be written otherwise now. */
function meansOther(before: readonly StoredOption[], now: readonly StoredOption[]): boolean {
  if (before.length === 0) return now.length > 0;
  return before.some(({ key, id }) => {
    const found = now.find((option) => option.key === key);
    return found !== undefined && found.id !== id;
  });
}

/** The options of one field. */
interface Choices {
  readonly options: readonly StoredOption[];
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
