import { PanelPage } from './panel-page.tsx';
import { startPage } from './start.tsx';
import '../shared/ui/theme.css';
import '../shared/ui/elements.css';
import '../shared/ui/panel.css';

/** As high as the deal panel's skeleton. */
const FIRST_HEIGHT = 750;

startPage(FIRST_HEIGHT, ({ subject }) => <PanelPage subject={subject} />);
