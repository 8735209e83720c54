import type { EventEmitter } from 'node:events';
import { cli } from '../headless/cli.ts';

/** In a utility process: the parent's port takes the place of IPC, then the command line as ever. */
interface ParentPort extends EventEmitter {
  postMessage(message: unknown): void;
}

const port = (process as unknown as { parentPort?: ParentPort }).parentPort;
if (port !== undefined) {
  process.send = (message: unknown) => {
    port.postMessage(message);
    return true;
  };
  port.on('message', (event: { readonly data: unknown }) => process.emit('message', event.data, undefined));
}
process.exit(await cli(process.argv.slice(2)));
