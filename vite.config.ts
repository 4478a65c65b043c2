import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, 'extension');

/** Builds the two pages that Pipedrive frames. `npm run dev` serves them beside an app on port 3000. */
export default defineConfig(({ command }) => {
  // A build is always for production, also one that a test starts: otherwise React's slow and large development code is built.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root,
    base: '/',
    publicDir: false,
    plugins: [react()],
    build: {
      outDir: resolve(import.meta.dirname, 'dist/extension'),
      emptyOutDir: true,
      // The pages' content security policy allows no data: scripts or styles; small files stay files.
      assetsInlineLimit: 0,
      // Written as an inline script, which the content security policy forbids; every supported browser preloads by itself.
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: { panel: resolve(root, 'panel.html'), settings: resolve(root, 'settings.html') },
      },
    },
    server: {
      host: '127.0.0.1',
      proxy: { '/api': 'http://127.0.0.1:3000' },
    },
  };
});
