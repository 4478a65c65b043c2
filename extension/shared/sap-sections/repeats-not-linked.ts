interface WithStatus {
  readonly status: string;
}

/** Without a linked customer nothing else can be known; one sentence says so, not four. */
export function repeatsNotLinked(customer: WithStatus, other: WithStatus): boolean {
  return customer.status === 'not_linked' && other.status === 'not_linked';
}
