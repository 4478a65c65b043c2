import { Button } from './button.tsx';
import { RefreshIcon } from './icons.tsx';

export function RefreshButton({ refreshing, onPress }: { refreshing: boolean; onPress: () => void }) {
  return (
    <Button label="Read the figures again" off={refreshing} onPress={onPress}>
      <RefreshIcon turning={refreshing} />
    </Button>
  );
}
