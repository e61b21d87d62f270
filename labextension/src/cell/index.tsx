/** The ES module of `llmhub.Chat` and `llmhub.Compare` in an output, as anywidget loads it: in JupyterLab, Notebook 7, VS Code. Built by vite.cell.config.mjs. */
import { createRoot } from 'react-dom/client';

import { type Drawing, DrawingProvider } from '../components/context';
import { RemoteImages } from '../markdown/images';
import { MarkdownRenderer } from '../markdown/render';
import { Sanitizer } from '../markdown/sanitizer';
import { KernelLanguages } from './colours';
import { KernelTypesetter } from './formulas';
import { type AnyModel, lineOver } from './line';
import { english as trans } from './standins/translator';
import { Talk } from './talk';
import { TalkView } from './TalkView';

interface Place {
  model: AnyModel;
  el: HTMLElement;
}

function render({ model, el }: Place): () => void {
  const line = lineOver(model);
  const talk = new Talk(line, () => performance.now());
  const typesetter = new KernelTypesetter(line);
  const languages = new KernelLanguages(line);
  el.classList.add('jp-llmhub-cell');
  const root = createRoot(el);
  root.render(
    <DrawingProvider value={drawing(String(model.get('key')), typesetter, languages)}>
      <TalkView talk={talk} />
    </DrawingProvider>
  );
  const stopHiding = hideStill(talk, String(model.get('key')));
  return () => {
    stopHiding();
    talk.dispose();
    typesetter.dispose();
    languages.dispose();
    root.unmount();
  };
}

export default { render };

function drawing(key: string, latexTypesetter: KernelTypesetter, languages: KernelLanguages): Drawing {
  const sanitizer = new Sanitizer({
    image: alt => (alt ? trans.__('Image: %1', alt) : trans.__('Image')),
    load: host => trans.__('Load images from %1', host),
    why: address => trans.__('%1 is not fetched before you say so: its server would learn of it.', address)
  });
  return {
    markdown: new MarkdownRenderer({ latexTypesetter }, sanitizer),
    images: new RemoteImages(),
    diagrams: null,
    workbench: null,
    languages,
    trans,
    session: { chat: { id: null, key } }
  };
}

/** The same conversation stands below as it is kept in the notebook. Nobody needs it while a kernel answers here. */
function hideStill(talk: Talk, key: string): () => void {
  const style = document.createElement('style');
  style.textContent = `.llmhub-still-${CSS.escape(key)} { display: none; }`;
  const leave = talk.subscribe(() => {
    if (talk.places && !style.isConnected) {
      document.head.append(style);
    }
  });
  return () => {
    leave();
    style.remove();
  };
}
