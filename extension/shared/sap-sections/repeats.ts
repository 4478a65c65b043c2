import type { Section } from '../../../server/contract/common.ts';

type AnySection = Section<unknown>;

/** Without a linked customer nothing else can be known; one sentence says so, not four. */
export function repeatsNotLinked(customer: AnySection, other: AnySection): boolean {
  return customer.status === 'not_linked' && other.status === 'not_linked';
}

/** For each section, from the top: has one above given the same reason? What is old or missing is explained once. */
export function repeatedReasons(sections: readonly AnySection[]): boolean[] {
  const given = new Set<string>();
  return sections.map((section) => {
    if (section.status === 'ready') return false;
    const key = `${section.status} ${section.reason}`;
    const repeated = given.has(key);
    given.add(key);
    return repeated;
  });
}
