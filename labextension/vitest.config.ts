import { defineConfig } from 'vitest/config';

export default defineConfig({
  // JupyterLab's packages import drawings and styles, which nothing here looks at.
  plugins: [
    {
      name: 'assets',
      enforce: 'pre',
      load: id => {
        if (id.endsWith('.svg')) {
          return `export default '<svg xmlns="http://www.w3.org/2000/svg"></svg>'`;
        }
        return /\.css(\?|$)/.test(id) ? 'export default {}' : undefined;
      }
    }
  ],
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.{ts,tsx,mjs}'],
    setupFiles: ['tests/setup.ts'],
    restoreMocks: true,
    server: { deps: { inline: [/@jupyterlab/, /@lumino/, /@jupyter\//] } }
  }
});
