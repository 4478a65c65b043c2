/**
 * Runs the planted files under the project's own test settings, but for the database, which they do not need, and one
 * after the other in one process, as files of the usual run may come. Ends as that run does.
 */
import path from 'node:path';
import { startVitest } from 'vitest/node';

const root = path.join(import.meta.dirname, '../..');
await startVitest('test', [], {
  root,
  config: path.join(root, 'vitest.config.ts'),
  include: ['test/support/planted-*-process.ts'],
  globalSetup: [],
  reporters: ['default'],
  maxWorkers: 1,
  watch: false,
});
