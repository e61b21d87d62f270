/** The ES module of `llmhub.Chat` and `llmhub.Compare` in an output, as anywidget loads it: in JupyterLab, Notebook 7, VS Code. Built by vite.cell.config.mjs. */
import { createRoot } from 'react-dom/client';

import { type Drawing, DrawingProvider } from '../components/context';
import { RemoteImages } from '../markdown/images';
import { MarkdownRenderer } from '../markdown/render';
import { Sanitizer } from '../markdown/sanitizer';
import { type AnyModel, lineOver } from './line';
import { english as trans } from './standins/translator';
import { Talk } from './talk';
import { TalkView } from './TalkView';

interface Place {
  model: AnyModel;
  el: HTMLElement;
}

function render({ model, el }: Place): () => void {
  const talk = new Talk(lineOver(model), () => performance.now());
  el.classList.add('jp-llmhub-cell');
  const root = createRoot(el);
  root.render(
    <DrawingProvider value={drawing(String(model.get('key')))}>
      <TalkView talk={talk} />
    </DrawingProvider>
  );
  const stopHiding = hideStill(talk, String(model.get('key')));
  return () => {
    stopHiding();
    talk.dispose();
    root.unmount();
  };
}

export default { render };

function drawing(key: string): Drawing {
  const sanitizer = new Sanitizer({
    image: alt => (alt ? trans.__('Image: %1', alt) : trans.__('Image')),
    load: host => trans.__('Load images from %1', host),
    why: address => trans.__('%1 is not fetched before you say so: its server would learn of it.', address)
  });
  return {
    // Formulas stay as they are written: JupyterLab's typesetter is not to be had here.
    markdown: new MarkdownRenderer({ latexTypesetter: null }, sanitizer),
    images: new RemoteImages(),
    diagrams: null,
    workbench: null,
    languages: null,
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
