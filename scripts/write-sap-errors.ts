import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from './sap-errors-page.ts';

writeFileSync(join(import.meta.dirname, '../docs/sap-errors.md'), errorsPage());
