import type { ProblemView } from '../../../server/contract/common.ts';

/** All that is wrong, at once. */
export function ProblemList({ problems }: { problems: readonly ProblemView[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="problems">
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.at ?? ''} ${problem.message}`}>{problem.message}</li>
      ))}
    </ul>
  );
}
