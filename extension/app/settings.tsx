import { SettingsPage } from './settings-page.tsx';
import { startPage } from './start.tsx';
import '../shared/ui/theme.css';
import '../shared/ui/elements.css';
import '../shared/ui/settings.css';

const FIRST_HEIGHT = 750;

startPage(FIRST_HEIGHT, () => <SettingsPage />);
