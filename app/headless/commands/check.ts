import { isError } from '../../../engine/model/problem.ts';
import { EXIT } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { printProblems } from '../print-problems.ts';

/** `telemetra check`: every problem at once; exit 2 when the pipeline cannot run. */
export async function check(file: string, flags: { readonly json: boolean }): Promise<number> {
  const { problems } = await loadPipeline(file, process.env);
  if (flags.json) process.stdout.write(`${JSON.stringify({ file, problems }, null, 2)}\n`);
  else if (problems.length === 0) process.stdout.write(`${file}: no problems\n`);
  else printProblems(problems, file, process.stdout);
  return problems.some(isError) ? EXIT.notValid : EXIT.done;
}
