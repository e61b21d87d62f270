import { useContext, useEffect, useState } from 'react';

import type { Part } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { textOf } from '../../model/node';
import { type Base, baseIn, isRequest } from '../../model/proposal/request';
import { useServices } from '../context';
import { Speaking } from '../message/speaking';

/** What was fetched on this page: files never change. */
const known = new Map<string, Base | null>();

/** What an answer proposes changes to. */
export interface Asked {
  /** The notebook as it was when it was asked; undefined while it is fetched, null if there is none. */
  readonly base: Base | null | undefined;
  /** What was asked for. */
  readonly words: string;
}

/** What the message that is drawn was asked to change. */
export function useAsked(): Asked {
  const { hub, session } = useServices();
  const message = useContext(Speaking);
  const request = requestAbove(session.chat, message?.parent_id ?? null);
  const file = request?.file ?? null;
  const [, setCount] = useState(0);
  const [lost, setLost] = useState<string | null>(null);

  useEffect(() => {
    let isCurrent = true;
    if (file !== null && !known.has(file)) {
      hub.client.fileText(file).then(
        text => {
          known.set(file, baseIn(text));
          if (isCurrent) {
            setCount(count => count + 1);
          }
        },
        (reason: unknown) => {
          console.warn('llmhub: what was asked for cannot be read.', reason);
          if (isCurrent) {
            setLost(file);
          }
        }
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [hub, file]);

  return { base: file === null || file === lost ? null : known.get(file), words: request?.words ?? '' };
}

/** The last request for changes above a message: the id of the file that went along, and what it says. */
function requestAbove(chat: ChatModel, id: string | null): { file: string; words: string } | null {
  for (let at = id; at !== null;) {
    const message = chat.node(at)?.message;
    const file = message?.parts.findLast(isRequestPart);
    if (message && file) {
      return { file: file.file_id, words: textOf(message.parts) };
    }
    at = message?.parent_id ?? null;
  }
  return null;
}

function isRequestPart(part: Part): part is Extract<Part, { type: 'file' }> {
  return part.type === 'file' && isRequest(part.name);
}
