import { must } from '../../engine/model/assert.ts';
import type { LocalProblem, Reads } from '../../engine/model/definition.ts';
import type { Schema } from '../../engine/model/schema.ts';
import type { Type } from '../../engine/model/type.ts';
import { analyse, type ExpressionProblem, type Typed } from '../../engine/expression/expression.ts';

/** The expression of a setting, or the first thing that is wrong with it. `path` is the setting. */
export function expressionAt(
  text: string,
  schema: Schema,
  path: string,
  expect?: Type,
): { readonly typed: Typed; readonly problem: undefined } | { readonly typed: undefined; readonly problem: LocalProblem } {
  const analysis = analyse(text, schema, expect === undefined ? {} : { expect });
  if (analysis.ok) return { typed: analysis.expression, problem: undefined };
  const first = must(analysis.problems[0], 'a refused expression says why');
  return { typed: undefined, problem: expressionProblem(first, path) };
}

/** A mistake in an expression as the problem of a setting. */
export function expressionProblem(found: ExpressionProblem, path: string): LocalProblem {
  const mend = found.mend === undefined ? undefined : sentence(found.mend[0]!.toUpperCase() + found.mend.slice(1));
  return { ...found, severity: 'error', message: sentence(`Expression: ${found.message}`), field: path, mend };
}

function sentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** An expression that infer has accepted. */
export function acceptedExpression(text: string, schema: Schema, expect?: Type): Typed {
  const { typed, problem } = expressionAt(text, schema, '', expect);
  return must(typed, `"${text}" was accepted: ${problem?.message}`);
}

/** Columns read by several expressions; `dictionary` as soon as one of them compares. */
export function readsOf(expressions: readonly Typed[]): Reads {
  const reads: Record<string, 'dictionary' | 'any'> = {};
  for (const { columns } of expressions) {
    for (const [name, how] of Object.entries(columns)) if (reads[name] !== 'dictionary') reads[name] = how;
  }
  return reads;
}
