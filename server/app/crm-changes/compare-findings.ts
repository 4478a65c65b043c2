import type { Clock } from '../../kernel/clock.ts';
import { COMPARED, type Compared, type Comparison } from '../ports/crm-comparisons.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';

interface Deps {
  readonly clock: Clock;
  readonly findings: FindingStore;
}

/** The finding under which a comparison waits for an admin. */
export const STOPPED = { kind: 'comparison_stopped', subject: 'installation' } as const;

const NAMES: Readonly<Record<Compared, { readonly one: string; readonly many: string }>> = {
  organization: { one: 'organization', many: 'organizations' },
  person: { one: 'person', many: 'people' },
  product: { one: 'product', many: 'products' },
};

export async function reportStopped(
  deps: Deps,
  tx: Tx,
  { missing, linked }: { missing: Comparison['missing']; linked: number },
): Promise<void> {
  const parts = COMPARED.flatMap((kind) => {
    const count = missing[kind]?.length ?? 0;
    return count > 0 ? [`${count} ${count === 1 ? NAMES[kind].one : NAMES[kind].many}`] : [];
  });
  await deps.findings.raise(
    tx,
    {
      ...STOPPED,
      message: `Pipedrive no longer shows ${parts.join(', ')} of the ${linked} records that are linked with SAP. That is more than is let go without asking, so nothing was changed.`,
      action:
        'If they were really deleted or merged, press Go on. If not, check that the admin who installed the app still sees all records in Pipedrive; it is looked at again the next night.',
      link: { resource: 'settings', id: null },
    },
    deps.clock.now(),
  );
}

/** What a trouble is called by; the item code, or the id of the organization that is not linked, follows. */
const PREFIX = { product: 'item-code:', organization: 'organization:' } as const;
/** Beyond these the list says enough. */
const MOST_NAMED = 50;
const MOST_OPEN = 1_000;

/** What a list that was read whole held of codes that stand on several records. */
export interface CodesInList {
  readonly byKey: ReadonlyMap<string, readonly number[]>;
  readonly linked: ReadonlyMap<number, string>;
  /** When its reading began: what was found since is not for this list to close. */
  readonly startedAt: Date;
}

/**
 * A code of ours that stands on several records tells none of them: a person decides, nothing is chosen. Of an
 * organization that carries the code of another it was told when it was seen (inbound-sync/adopt-organizations.ts); here
 * that is closed where it is so no more, also because the organization was deleted or merged.
 */
export async function reportDoubledCodes(
  deps: Deps,
  tx: Tx,
  kind: Compared,
  { byKey, linked, startedAt }: CodesInList,
): Promise<void> {
  if (kind === 'person') return;
  const now = deps.clock.now();
  const ours = new Set(linked.values());
  const doubled = [...byKey].filter(([key, ids]) => ids.length > 1 && ours.has(key));
  if (kind === 'product')
    for (const [key, ids] of doubled.slice(0, MOST_NAMED)) await raiseDoubled(deps, tx, key, ids.length);
  const still = new Set(
    doubled.flatMap(([key, ids]) =>
      kind === 'product'
        ? [PREFIX.product + key]
        : ids.filter((id) => linked.get(id) !== key).map((id) => PREFIX.organization + id),
    ),
  );
  for (const { kind: open, subject, lastSeenAt } of await deps.findings.listOpen(tx, MOST_OPEN)) {
    if (open !== 'partner_ambiguous' || !subject.startsWith(PREFIX[kind])) continue;
    if (!still.has(subject) && lastSeenAt < startedAt) await deps.findings.resolve(tx, open, subject, now);
  }
}

async function raiseDoubled(deps: Deps, tx: Tx, itemCode: string, count: number): Promise<void> {
  await deps.findings.raise(
    tx,
    {
      kind: 'partner_ambiguous',
      subject: `${PREFIX.product}${itemCode}`,
      message: `${count} products carry the SAP code ${itemCode}. The one that is linked stays linked; nothing was changed.`,
      action:
        'Remove the code from the products that are not meant, or merge or delete what is there twice. It is looked at again the next night.',
      link: null,
    },
    deps.clock.now(),
  );
}
