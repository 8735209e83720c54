import { explainPlan } from '../../../engine/plan/explain-plan.ts';
import { explainSql } from '../../../engine/plan/explain-sql.ts';
import { catalog } from '../../../nodes/catalog.ts';
import { aggregateFunctions } from '../../../nodes/kit/aggregates/functions.ts';
import { EXIT } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { printProblems } from '../print-problems.ts';

/** `telemetra explain`: what runs, in words; `--sql`: its expressions as PostgreSQL with every cast explicit. */
export async function explain(file: string, flags: { readonly sql: boolean }): Promise<number> {
  const { compiled, problems } = await loadPipeline(file, process.env);
  if (compiled?.plan === undefined) {
    printProblems(problems, file, process.stderr);
    return EXIT.notValid;
  }
  process.stdout.write(
    `${(flags.sql ? explainSql(compiled.plan, catalog, aggregateFunctions) : explainPlan(compiled.plan, catalog)).trimEnd()}\n`,
  );
  return EXIT.done;
}
