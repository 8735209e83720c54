#!/usr/bin/env node
// The command. Runs on any Node ≥ 20 and goes on with the packaged Node 24; everything else is imported after that.
import '../scripts/quiet-warnings.mjs';
import { fileURLToPath } from 'node:url';
import { continueWithNode24 } from '../scripts/packaged-node.mjs';

await continueWithNode24(fileURLToPath(import.meta.url), process.argv.slice(2));
const { cli } = await import('../app/headless/cli.ts');
const exitCode = await cli(process.argv.slice(2));
if (typeof exitCode === 'number') process.exitCode = exitCode;
