import { Button } from './button.tsx';
import { RefreshIcon } from './icons.tsx';

interface RefreshButtonProps {
  readonly refreshing: boolean;
  readonly onPress: () => void;
  /** With words where it stands alone. */
  readonly words?: boolean;
}

export function RefreshButton({ refreshing, onPress, words = false }: RefreshButtonProps) {
  return (
    <Button {...(words ? {} : { label: 'Read the figures again' })} off={refreshing} onPress={onPress}>
      <RefreshIcon turning={refreshing} />
      {words ? 'Read the figures again' : null}
    </Button>
  );
}
