// npm run bench -- NAME …: one benchmark, or all of them. Only built-ins of Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { continueWithNode24, installIfNeeded, root } from './packaged-node.mjs';

installIfNeeded((step) => console.log(step));
await continueWithNode24(fileURLToPath(import.meta.url), process.argv.slice(2));

const folder = join(root, 'bench');
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name, ...words] = process.argv.slice(2);
if (name !== undefined && !existsSync(join(folder, `${name}.ts`))) {
  console.error(`There is no benchmark "${name}". There are: ${known.join(', ')}.`);
  process.exit(2);
}
let failed = false;
for (const each of name === undefined ? known : [name]) {
  console.log(`── ${each}`);
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(folder, `${each}.ts`), ...words], {
    stdio: 'inherit',
    cwd: root,
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
