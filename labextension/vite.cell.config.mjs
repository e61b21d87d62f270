// Builds what stands in a cell's output: one ES module and one sheet, which the kernel sends along with its widget.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const standIn = name => resolve(here, 'src/cell/standins', name);

/** The panel's sheets that its parts need in an output, too. They hold only there: in JupyterLab the panel has its own. */
const SHEETS = ['controls', 'message', 'comparison', 'markdown', 'composer', 'toolbar', 'ending', 'work'];
/** What cannot stand inside of another rule. */
const KEYFRAMES = /@keyframes[^{]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g;

export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  // What the panel takes from JupyterLab.
  resolve: {
    alias: [
      { find: /^@jupyterlab\/ui-components$/, replacement: standIn('icons.tsx') },
      { find: /^.*\/clipboard$/, replacement: standIn('clipboard.ts') },
      { find: /^.*\/proposal\/ProposalBlock$/, replacement: standIn('proposal.ts') },
      { find: /^.*\/menu$/, replacement: standIn('menu.ts') },
      { find: /^.*\/markdown\/highlight$/, replacement: standIn('highlight.ts') }
    ]
  },
  plugins: [
    {
      name: 'sheet',
      generateBundle() {
        const panel = SHEETS.map(name => readFileSync(resolve(here, `style/${name}.css`), 'utf8')).join('\n');
        const own = readFileSync(resolve(here, 'src/cell/cell.css'), 'utf8');
        const source = [
          ...(panel.match(KEYFRAMES) ?? []),
          `.jp-llmhub-cell {\n${panel.replace(KEYFRAMES, '').replaceAll('.jp-llmhub-panel ', '& ')}}`,
          own
        ].join('\n');
        this.emitFile({ type: 'asset', fileName: 'chat.css', source });
      }
    }
  ],
  build: {
    outDir: resolve(here, '../llmhub/hosts/notebook/widgets/static'),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    lib: { entry: resolve(here, 'src/cell/index.tsx'), formats: ['es'], fileName: () => 'chat.js' }
  }
});
