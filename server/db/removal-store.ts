import { type OutsideStep, REMOVAL_STEPS, type RemovalStore } from '../app/ports/removal-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { stopWork } from './erase-installation.ts';
import { type HandoffRow, type InstallationRow, safeIntegerOrNull } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const installations = (tx: Tx) =>
  queriesOf(tx)<InstallationRow>('installations').where({ installation_id: tx.installationId });

export const removalStore: RemovalStore = {
  async start(tx, askedBy, now) {
    const changed = await installations(tx)
      .whereIn('status', ['active', 'reauth_required'])
      .update({
        status: 'removing',
        removal_asked_at: now,
        removal_asked_by: askedBy === null ? null : String(askedBy),
        removal_done: [],
        removal_left: [],
      });
    return changed > 0;
  },

  async find(tx) {
    const row = await installations(tx).where({ status: 'removing' }).first();
    if (!row?.removal_asked_at) return undefined;
    return {
      askedAt: row.removal_asked_at,
      askedBy: safeIntegerOrNull(row.removal_asked_by),
      done: REMOVAL_STEPS.filter((step) => row.removal_done.includes(step)),
      left: leftOf(row),
    };
  },

  async finish(tx, step, outcome) {
    const withStep = (column: string) => queriesOf(tx).raw(`array_append(array_remove(${column}, ?), ?)`, [step, step]);
    await installations(tx)
      .where({ status: 'removing' })
      .update({
        removal_done: withStep('removal_done'),
        ...(outcome === 'left' && { removal_left: withStep('removal_left') }),
      });
  },

  async listLeft(tx) {
    const row = await installations(tx).first();
    return row ? leftOf(row) : [];
  },

  async findWaitingSince(tx) {
    const row = await installations(tx).where({ status: 'reauth_required' }).first();
    return row?.waiting_since ?? undefined;
  },

  async stopWork(tx) {
    await stopWork(tx);
  },

  async hasOrderOut(tx, now) {
    const row = await queriesOf(tx)<HandoffRow>('handoffs')
      .where({ installation_id: tx.installationId, state: 'posting', sent: true })
      .where('lease_until', '>', now)
      .first('id');
    return row !== undefined;
  },
};

function leftOf(row: InstallationRow): readonly OutsideStep[] {
  return REMOVAL_STEPS.flatMap((step) => (step !== 'data' && row.removal_left.includes(step) ? [step] : []));
}
