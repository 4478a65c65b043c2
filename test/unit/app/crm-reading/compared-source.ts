import type { ComparedCrm } from '../../../../server/app/crm-changes/compare-kinds.ts';
import type { CrmOrganization, CrmPerson, CrmProduct } from '../../../../server/app/ports/crm.ts';
import type {
  Compared,
  Comparison,
  CrmComparisonStore,
  MissingRecord,
} from '../../../../server/app/ports/crm-comparisons.ts';
import { NotFoundError } from '../../../../server/kernel/errors.ts';

export const CODE_FIELD = 'a'.repeat(40);

interface SourceRecord {
  readonly id: number;
  /** The SAP key that it carries. */
  key: string | null;
}

/** Pipedrive's whole lists as a model. Every member may be changed between two runs, the hooks between two pages. */
export interface ComparedSource {
  readonly crm: ComparedCrm;
  readonly records: Readonly<Record<Compared, Map<number, SourceRecord>>>;
  /** A merged record answers with this one when asked for alone. */
  readonly answersWith: Map<number, number>;
  /** What the lists give instead of all there is. */
  listed: (kind: Compared, ids: readonly number[]) => readonly number[];
  beforePage: (kind: Compared, page: number) => void;
  tokens: number;
  readonly asked: string[];
}

export function comparedSource(sizes: Readonly<Record<Compared, number>>): ComparedSource {
  const make = (count: number, prefix: string) =>
    new Map(Array.from({ length: count }, (_, index) => [index + 1, { id: index + 1, key: `${prefix}${index + 1}` }]));
  const records: Record<Compared, Map<number, SourceRecord>> = {
    organization: make(sizes.organization, 'C'),
    person: make(sizes.person, 'P'),
    product: make(sizes.product, 'I'),
  };

  async function* list<Row>(kind: Compared, show: (record: SourceRecord) => Row): AsyncGenerator<readonly Row[]> {
    const ids = source.listed(kind, [...records[kind].keys()]);
    for (let at = 0; at === 0 || at < ids.length; at += 500) {
      source.beforePage(kind, at / 500);
      source.tokens += 10;
      source.asked.push(`list ${kind}`);
      yield ids.slice(at, at + 500).flatMap((id) => {
        const record = records[kind].get(id);
        return record ? [show(record)] : [];
      });
    }
  }

  async function byIds<Row>(
    kind: Compared,
    ids: readonly number[],
    show: (record: SourceRecord) => Row,
  ): Promise<Row[]> {
    source.tokens += 10 * Math.ceil(ids.length / 100);
    source.asked.push(`ids ${kind} ${ids.length}`);
    return ids.flatMap((id) => {
      const record = records[kind].get(id);
      return record ? [show(record)] : [];
    });
  }

  async function one<Row>(kind: Compared, id: number, show: (record: SourceRecord) => Row): Promise<Row> {
    source.tokens += 1;
    source.asked.push(`one ${kind} ${id}`);
    const record = records[kind].get(source.answersWith.get(id) ?? id);
    if (!record) throw new NotFoundError('It is not there.');
    return show(record);
  }

  // Only what the comparison looks at is there.
  const organization = ({ id, key }: SourceRecord) =>
    ({ id, updateTime: '', isDeleted: false, customFields: { [CODE_FIELD]: key } }) as unknown as CrmOrganization;
  const person = ({ id }: SourceRecord) => ({ id, updateTime: '', isDeleted: false }) as unknown as CrmPerson;
  const product = ({ id, key }: SourceRecord) =>
    ({ id, updateTime: '', isDeleted: false, code: key }) as unknown as CrmProduct;

  const source: ComparedSource = {
    records,
    answersWith: new Map(),
    listed: (_kind, ids) => ids,
    beforePage: () => undefined,
    tokens: 0,
    asked: [],
    crm: {
      listOrganizations: () => list('organization', organization),
      listOrganizationsByIds: (_caller, ids) => byIds('organization', ids, organization),
      getOrganization: (_caller, id) => one('organization', id, organization),
      listPersons: () => list('person', person),
      listPersonsByIds: (_caller, ids) => byIds('person', ids, person),
      getPerson: (_caller, id) => one('person', id, person),
      listProducts: () => list('product', product),
      listProductsByIds: (_caller, ids) => byIds('product', ids, product),
      getProduct: (_caller, id) => one('product', id, product),
    },
  };
  return source;
}

/** One comparison in memory. */
export function memoryComparisons(): CrmComparisonStore & { current(): Comparison | undefined } {
  let row: { -readonly [K in keyof Comparison]: Comparison[K] } | undefined;
  return {
    current: () => row,
    find: async () => row && { ...row },
    async start(_tx, now) {
      row = { state: 'reading', startedAt: now, missing: {}, approved: false };
    },
    async saveMissing(_tx, kind: Compared, missing: readonly MissingRecord[]) {
      if (row) row.missing = { ...row.missing, [kind]: missing };
    },
    async stop() {
      if (row) row.state = 'stopped';
    },
    async approve() {
      if (row?.state !== 'stopped' || row.approved) return false;
      row.approved = true;
      return true;
    },
    async finish() {
      if (row) row.state = 'done';
    },
  };
}
