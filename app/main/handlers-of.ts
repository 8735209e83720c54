import { browseHandlers } from './browse-handlers.ts';
import { checkHandlers } from './check-handlers.ts';
import type { Handlers } from './handlers.ts';
import { libraryHandlers } from './library-handlers.ts';
import { recordHandlers } from './record-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { deadHandlers } from './stored-letters.ts';
import type { Studio } from './studio.ts';

/** Every route of the server, one function each. */
export function handlersOf(studio: Studio): Handlers {
  return {
    ...libraryHandlers(studio),
    ...checkHandlers(studio),
    ...runHandlers(studio),
    ...deadHandlers(studio),
    ...browseHandlers(studio),
    ...recordHandlers(studio),
    // made by the server itself, before there is a session
    session: () => undefined,
    resetDemo: async () => {
      await studio.resetDemo();
      return undefined;
    },
  };
}
