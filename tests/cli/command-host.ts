// A process without a parent's channel that carries out command lines one after the other: {words, env} by line, {code, stdout, stderr} back.
import '../../scripts/quiet-warnings.mjs';
import { createInterface } from 'node:readline';
import { cli } from '../../app/headless/cli.ts';

const streams = ['stdout', 'stderr'] as const;
const answer = process.stdout.write.bind(process.stdout);
const inherited = process.env;

for await (const line of createInterface({ input: process.stdin })) {
  const { words, env } = JSON.parse(line) as { words: readonly string[]; env: Readonly<Record<string, string>> };
  const said = { stdout: '', stderr: '' };
  process.env = { ...inherited, ...env };
  for (const name of streams) {
    process[name].write = ((text: string | Uint8Array) => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
      return true;
    }) as typeof process.stdout.write;
  }
  const code = await cli(words);
  answer(`${JSON.stringify({ code, ...said })}\n`);
}
