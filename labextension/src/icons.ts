import { LabIcon } from '@jupyterlab/ui-components';

/** A 24-unit drawing in the colour of JupyterLab's own icons. */
function draw(name: string, paths: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${paths}</svg>`;
  return new LabIcon({ name: `llmhub:${name}`, svgstr });
}

const fill = (path: string): string => `<path class="jp-icon3" fill="#616161" d="${path}"/>`;

export const chatIcon = draw(
  'chat',
  fill(
    'M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-7.2L8 22v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm0 2v11h6v1.6l2-1.6h8V5H4z' +
      'M12 6.2l1 2.8 2.8 1-2.8 1-1 2.8-1-2.8-2.8-1 2.8-1z'
  )
);

export const usageIcon = draw(
  'usage',
  fill('M4 20V4h2v14h14v2H4zm4-4v-6h3v6H8zm5 0V5h3v11h-3zm5 0v-8h3v8h-3z')
);

export const sendIcon = draw('send', fill('M12 3.5l7 7-1.5 1.5L13 7.4V20.5h-2V7.4L6.5 12 5 10.5z'));

export const slidersIcon = draw(
  'sliders',
  fill('M4 6h8v2H4zm14 0h2v2h-2zm-5-2h4v6h-4zM4 16h2v2H4zm8 0h8v2h-8zm-5-2h4v6H7z')
);

export const stopSquareIcon = draw('stop', fill('M7 7h10v10H7z'));

export const newChatIcon = draw(
  'new-chat',
  fill(
    'M12 4v2H5v13h13v-7h2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h7zm6.4-1.4l3 3-9.2 9.2-3.6.6.6-3.6zm0 2.8l-7.3 7.3-.1.4.4-.1 7.2-7.4z'
  )
);

export const regenerateIcon = draw(
  'regenerate',
  fill('M12 5a7 7 0 0 1 6.1 3.6V6H20v6h-6v-2h2.9A5 5 0 1 0 17 13.5h2.1A7 7 0 1 1 12 5z')
);

export const continueIcon = draw('continue', fill('M5 5l8 7-8 7V5zm9 0h3v14h-3V5z'));

export const arrowDownIcon = draw('arrow-down', fill('M11 4h2v12.2l4.6-4.6L19 13l-7 7-7-7 1.4-1.4 4.6 4.6z'));

export const pinIcon = draw(
  'pin',
  fill('M8 3h8v2h-1v6l3 3v2h-5v6h-2v-6H6v-2l3-3V5H8V3zm3 2v6.8L9 14h6l-2-2.2V5h-2z')
);

export const attachIcon = draw(
  'attach',
  fill(
    'M19.4 11.3l-7.7 7.7a4.6 4.6 0 0 1-6.5-6.5l8.1-8.1a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.2-2.2l7-7 1.2 1.2-6.7 6.7.5.5 7.6-7.6a1.3 1.3 0 0 0-1.9-1.9l-8.1 8.1a2.9 2.9 0 0 0 4.1 4.1l7.7-7.7z'
  )
);

export const toolIcon = draw(
  'tool',
  fill(
    'M21 7.2a5.5 5.5 0 0 1-7.4 5.2L6.8 19.2a2.1 2.1 0 0 1-3-3l6.8-6.8A5.5 5.5 0 0 1 17.8 3l-3.2 3.2.6 2.6 2.6.6L21 6.2z'
  )
);

export const thoughtIcon = draw(
  'thought',
  fill(
    'M12 3a6.5 6.5 0 0 1 3.5 12v2.5h-7V15A6.5 6.5 0 0 1 12 3zm0 2a4.5 4.5 0 0 0-2.1 8.5l.6.3v1.7h3v-1.7l.6-.3A4.5 4.5 0 0 0 12 5zM9 19h6v2H9z'
  )
);

export const thumbUpIcon = draw(
  'thumb-up',
  fill(
    'M3 10h4v11H3V10zm6 0l4.5-7c1.5 0 2.5 1.2 2.2 2.7L15 9h4.5a2 2 0 0 1 2 2.4l-1.6 8A2 2 0 0 1 18 21H9V10zm2 .6V19h7l1.5-8h-7l.9-4.6L11 10.6z'
  )
);

export const thumbDownIcon = draw(
  'thumb-down',
  fill(
    'M3 14h4V3H3v11zm6 0l4.5 7c1.5 0 2.5-1.2 2.2-2.7L15 15h4.5a2 2 0 0 0 2-2.4l-1.6-8A2 2 0 0 0 18 3H9v11zm2-.6V5h7l1.5 8h-7l.9 4.6-2.4-4.2z'
  )
);

export const forkIcon = draw(
  'fork',
  fill(
    'M6 3a3 3 0 0 1 1 5.8V11h10V8.8a3 3 0 1 1 2 0V11a2 2 0 0 1-2 2h-4v2.2a3 3 0 1 1-2 0V13H7a2 2 0 0 1-2-2V8.8A3 3 0 0 1 6 3z'
  )
);

export const branchIcon = draw(
  'branch',
  fill(
    'M7 3a3 3 0 0 1 1 5.8v6.4a3 3 0 1 1-2 0V8.8A3 3 0 0 1 7 3zm10 0a3 3 0 0 1 1 5.8V10a4 4 0 0 1-4 4h-3v-2h3a2 2 0 0 0 2-2V8.8A3 3 0 0 1 17 3z'
  )
);

export const mapIcon = draw(
  'map',
  fill(
    'M12 2a3 3 0 0 1 1 5.8V10h4a2 2 0 0 1 2 2v2.2a3 3 0 1 1-2 0V12h-4v2.2a3 3 0 1 1-2 0V12H7v2.2a3 3 0 1 1-2 0V12c0-1.1.9-2 2-2h4V7.8A3 3 0 0 1 12 2z'
  )
);

export const minusIcon = draw('minus', fill('M5 11h14v2H5z'));

export const fitIcon = draw(
  'fit',
  fill('M4 4h6v2H6v4H4V4zm10 0h6v6h-2V6h-4V4zM4 14h2v4h4v2H4v-6zm14 0h2v6h-6v-2h4v-4z')
);

export const foldIcon = draw(
  'fold',
  fill(
    'M11 2h2v3.2l1.6-1.6L16 5l-4 4-4-4 1.4-1.4L11 5.2V2zM4 11h16v2H4v-2zm8 4l4 4-1.4 1.4-1.6-1.6V22h-2v-3.2l-1.6 1.6L8 19l4-4z'
  )
);

export const compareIcon = draw(
  'compare',
  fill('M4 5h7v14H4V5zm2 2v10h3V7H6zm7-2h7v14h-7V5zm2 2v10h3V7h-3z')
);

export const eyeIcon = draw(
  'eye',
  fill(
    'M12 5c4.6 0 8.4 2.7 10 7-1.6 4.3-5.4 7-10 7s-8.4-2.7-10-7c1.6-4.3 5.4-7 10-7zm0 2c-3.5 0-6.4 1.9-7.8 5 1.4 3.1 4.3 5 7.8 5s6.4-1.9 7.8-5c-1.4-3.1-4.3-5-7.8-5zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z'
  )
);

const STAR = 'M12 2.8l2.8 6 6.4.8-4.7 4.5 1.2 6.4-5.7-3.2-5.7 3.2 1.2-6.4L2.8 9.6l6.4-.8z';

export const starFilledIcon = draw('star-filled', fill(STAR));

export const starIcon = draw(
  'star',
  // JupyterLab fills whatever says how it is filled.
  `<g fill="none"><path class="jp-icon3" stroke="#616161" stroke-width="1.8" d="${STAR}"/></g>`
);

export const quoteIcon = draw(
  'quote',
  fill(
    'M5 6h6v6.5c0 3-1.8 4.8-5 5.5v-2.1c1.7-.5 2.6-1.5 2.7-2.9H5V6zm8.5 0h6v6.5c0 3-1.8 4.8-5 5.5v-2.1c1.7-.5 2.6-1.5 2.7-2.9h-3.7V6z'
  )
);

export const commandIcon = draw('command', fill('M15.2 4h2.2L8.8 20H6.6z'));

export const insertCellIcon = draw(
  'insert-cell',
  fill('M3 4h18v6H3V4zm2 2v2h14V6H5zm6 7h2v3h3v2h-3v3h-2v-3H8v-2h3v-3z')
);

export const replaceCellIcon = draw(
  'replace-cell',
  fill('M3 4h18v2H3V4zm0 14h18v2H3v-2zM15 7.5l4 4.5-4 4.5V13H5v-2h10V7.5z')
);

export const wrapIcon = draw(
  'wrap',
  fill(
    'M3 5h18v2H3V5zm0 6h14.5a3.5 3.5 0 0 1 0 7H15v2l-3.5-3 3.5-3v2h2.5a1.5 1.5 0 0 0 0-3H3v-2zm0 6h6v2H3v-2z'
  )
);

export const diagramIcon = draw(
  'diagram',
  fill(
    'M3 4h8v6H8v3h8v-3h-3V4h8v6h-3v5h-5v1h3v5H8v-5h3v-1H6v-5H3V4zm2 2v2h4V6H5zm10 0v2h4V6h-4zm-5 12v1h4v-1h-4z'
  )
);

export const lockIcon = draw(
  'lock',
  fill(
    'M12 2a5 5 0 0 1 5 5v3h1a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8c0-1.1.9-2 2-2h1V7a5 5 0 0 1 5-5zm0 2a3 3 0 0 0-3 3v3h6V7a3 3 0 0 0-3-3z'
  )
);

export const archiveIcon = draw(
  'archive',
  fill('M3 4h18v5h-1v11H4V9H3V4zm2 2v1h14V6H5zm1 3v9h12V9H6zm3 2h6v2H9v-2z')
);

export const tagIcon = draw(
  'tag',
  fill(
    'M3 3h8.8l9.2 9.2-8.8 8.8L3 11.8V3zm2 2v6l7.2 7.2 6-6L11 5H5zm3 1.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z'
  )
);

/** A lamp: what does it mean? */
export const explainIcon = draw(
  'explain',
  fill(
    'M12 2a7 7 0 0 1 4 12.7V17a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-2.3A7 7 0 0 1 12 2zm0 2a5 5 0 0 0-2.5 9.3l.5.3V16h4v-2.4l.5-.3A5 5 0 0 0 12 4zM9 20h6v2H9z'
  )
);

/** A wrench. */
export const fixIcon = draw(
  'fix',
  fill(
    'M21 7.5a5.5 5.5 0 0 1-7.4 5.1l-7.2 7.2a2 2 0 0 1-2.8 0l-.4-.4a2 2 0 0 1 0-2.8l7.2-7.2A5.5 5.5 0 0 1 17.8 2.6L14.5 6l.5 3 3 .5 3.4-3.3c.1.4.1.9.1 1.3z'
  )
);

/** A magic wand. */
export const improveIcon = draw(
  'improve',
  fill(
    'M14.7 6.5l2.8 2.8L6.3 20.5l-2.8-2.8zM19 3l.8 2.2L22 6l-2.2.8L19 9l-.8-2.2L16 6l2.2-.8zM8 3l.7 1.8 1.8.7-1.8.7L8 8l-.7-1.8-1.8-.7 1.8-.7zm11 10l.7 1.8 1.8.7-1.8.7L19 18l-.7-1.8-1.8-.7 1.8-.7z'
  )
);

/** x between brackets: a variable. */
export const variableIcon = draw(
  'variable',
  fill(
    'M7 4v2H5v12h2v2H3V4zm10 0h4v16h-4v-2h2V6h-2zM8.5 8h2.3l1.3 2.4L13.5 8h2.2l-2.4 3.9 2.5 4.1h-2.3l-1.5-2.5-1.5 2.5H8.3l2.6-4.1z'
  )
);
