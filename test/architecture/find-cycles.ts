/**
 * Groups of modules that reach each other (Tarjan), each told once, from its first module in alphabetical order.
 * @param graph what each module imports; targets outside the graph are passed over
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const cycles: string[][] = [];

  function visit(module: string): number {
    const index = order.size;
    order.set(module, index);
    low.set(module, index);
    stack.push(module);
    open.add(module);
    for (const target of graph.get(module) ?? []) {
      if (!graph.has(target)) continue;
      const seen = order.get(target);
      const reach = seen === undefined ? visit(target) : open.has(target) ? seen : Number.POSITIVE_INFINITY;
      low.set(module, Math.min(low.get(module) ?? index, reach));
    }
    const lowest = low.get(module) ?? index;
    if (lowest === index) close(module);
    return lowest;
  }

  function close(module: string): void {
    const group = stack.splice(stack.indexOf(module));
    for (const each of group) open.delete(each);
    if (group.length > 1 || graph.get(module)?.includes(module)) cycles.push(group.sort());
  }

  for (const module of [...graph.keys()].sort()) if (!order.has(module)) visit(module);
  return cycles;
}
