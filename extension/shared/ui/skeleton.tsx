/** Grey blocks with the height of what comes, so that nothing jumps. */
export function Skeleton({ blocks, says }: { blocks: readonly SkeletonBlock[]; says: string }) {
  return (
    <div aria-busy="true">
      <p className="unseen" role="status">
        {says}
      </p>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks never change
        <div key={index} className={`bone ${block}`} aria-hidden="true" />
      ))}
    </div>
  );
}

type SkeletonBlock = 'verdict' | 'customer' | 'credit' | 'lines' | 'documents' | 'balance' | 'heading' | 'rows';
