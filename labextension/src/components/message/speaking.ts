import { createContext } from 'react';

import type { Message } from '../../api/schema';

/** The message that is drawn; null outside of messages. */
export const Speaking = createContext<Message | null>(null);
