import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist', 'app', 'server', 'main.js');

process.env['NODE_ENV'] ??= 'production';
if (existsSync(main)) {
  await import(pathToFileURL(main).href);
} else {
  console.error('Orderline has not been built yet. Run: npm run build');
  process.exitCode = 1;
}
