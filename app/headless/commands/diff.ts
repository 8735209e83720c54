import { readFileSync } from 'node:fs';
import { diffDocuments } from '../../../engine/plan/diff-documents.ts';
import { diffPlans, diffText } from '../../../engine/plan/diff-plans.ts';
import { catalog } from '../../../nodes/catalog.ts';
import { EXIT } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { printProblems } from '../print-problems.ts';

/** `telemetra diff A B`: what differs between two pipeline files, and what becomes of the state when B replaces A. */
export async function diff(a: string, b: string): Promise<number> {
  const [old, next] = [await loadPipeline(a, process.env), await loadPipeline(b, process.env)];
  for (const [file, loaded] of [
    [a, old],
    [b, next],
  ] as const) {
    if (loaded.document !== undefined) continue;
    printProblems(loaded.problems, file, process.stderr);
    return EXIT.notValid;
  }
  const lines = diffDocuments(old.document!, next.document!);
  if (lines.length === 0 && readFileSync(a, 'utf8') === readFileSync(b, 'utf8')) process.stdout.write('the files are equal\n');
  else process.stdout.write(`${lines.length === 0 ? 'only the layout or the writing differs' : lines.join('\n')}\n`);
  if (old.compiled?.plan !== undefined && next.compiled?.plan !== undefined) {
    process.stdout.write(`${diffText(diffPlans(old.compiled.plan, next.compiled.plan, catalog)).trimEnd()}\n`);
  }
  return EXIT.done;
}
