// npm start: install if needed, go on with Node 24, then the app. Only built-ins of Node 20.
import './quiet-warnings.mjs';
import { fileURLToPath } from 'node:url';
import { continueWithNode24, installIfNeeded, major, packagedNode } from './packaged-node.mjs';

// One clock over both processes: the second one is told when the first began.
const beganAt = Number(process.env.TELEMETRA_START_BEGAN_AT ?? performance.timeOrigin);
process.env.TELEMETRA_START_BEGAN_AT = String(beganAt);

function say(step) {
  const seconds = (performance.timeOrigin + performance.now() - beganAt) / 1000;
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`);
}

if (process.env.TELEMETRA_START_RESTARTED === undefined) {
  if (installIfNeeded(say)) say('packages are installed');
  if (major() < 24 && packagedNode() !== undefined) {
    say(`Node ${process.versions.node} is too old, going on with the packaged Node`);
    process.env.TELEMETRA_START_RESTARTED = '1';
  }
}
await continueWithNode24(fileURLToPath(import.meta.url), process.argv.slice(2));
delete process.env.TELEMETRA_START_RESTARTED;
say(`Node ${process.versions.node}`);

const { start } = await import('../app/main/start.ts');
const exitCode = await start(process.argv.slice(2), say);
if (typeof exitCode === 'number') process.exitCode = exitCode;
