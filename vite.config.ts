import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page: built into `dist/page`, served by app/main. */
export default defineConfig({
  root: 'app/renderer',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    // nothing inline: the page's policy allows fonts and scripts from files only
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'charts',
              test: /node_modules[\\/](recharts|d3-|victory|@reduxjs|react-redux|redux|reselect|immer|es-toolkit|decimal)/,
            },
            { name: 'editor', test: /node_modules[\\/](@codemirror|@lezer|style-mod|w3c-keyname|crelt)/ },
          ],
        },
      },
    },
  },
  server: { host: '127.0.0.1', port: 4710, strictPort: true, proxy: { '/api': { target: 'http://127.0.0.1:4700', ws: true } } },
});
