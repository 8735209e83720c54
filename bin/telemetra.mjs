#!/usr/bin/env node
// The command. Runs on any Node ≥ 20 and goes on with the packaged Node 24; everything else is imported after that.
import '../scripts/quiet-warnings.mjs';
import { fileURLToPath } from 'node:url';
import { continueWithNode24 } from '../scripts/packaged-node.mjs';

// `telemetra dead ls … | head`: whoever reads has seen enough
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

await continueWithNode24(fileURLToPath(import.meta.url), process.argv.slice(2));
const words = process.argv.slice(2);
const exitCode =
  words[0] === 'start'
    ? await (await import('../app/main/start.ts')).start(words.slice(1), (step) => console.log(step))
    : await (await import('../app/headless/cli.ts')).cli(words);
if (typeof exitCode === 'number') process.exitCode = exitCode;
