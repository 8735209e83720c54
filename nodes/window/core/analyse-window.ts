import type { LocalProblem } from '../../../engine/model/definition.ts';
import { fieldOf, type Field, type Schema } from '../../../engine/model/schema.ts';
import { analyseAggregate, type AggregateCall, type Typed } from '../../../engine/expression/expression.ts';
import { aggregateFunctions, type WindowAggregate } from '../../kit/aggregates/functions.ts';
import { acceptedExpression, expressionAt, expressionProblem } from '../../kit/expression-setting.ts';
import { duplicateColumn, unknownField, wrongType } from '../../kit/field-problems.ts';
import type { WindowSettings } from './window-settings.ts';

export interface AnalysedColumn {
  readonly field: Field;
  readonly calls: readonly AggregateCall[];
  readonly outer: Typed;
}

export interface AnalysedWindow {
  readonly keys: readonly { readonly field: Field; readonly typed: Typed }[];
  readonly columns: readonly AnalysedColumn[];
}

export const BOUNDS: readonly Field[] = [
  { name: 'window_start', type: 'timestamp', nullable: false },
  { name: 'window_end', type: 'timestamp', nullable: false },
];

/** Group keys and columns checked against the input; at most one problem for each setting. */
export function analyseWindow(
  settings: WindowSettings,
  input: Schema,
): { readonly window: AnalysedWindow; readonly problems: readonly LocalProblem[] } {
  const problems: LocalProblem[] = [];
  const bounds = settings.window.kind === 'running' ? [] : BOUNDS;
  const taken = new Set(bounds.map((field) => field.name));
  const keys: { field: Field; typed: Typed }[] = [];
  settings.by.forEach((key, i) => {
    const found = typeof key === 'string' ? keyColumn(key, input, `by.${i}`) : keyExpression(key, input, `by.${i}`);
    if ('problem' in found) problems.push(found.problem);
    else if (taken.has(found.field.name)) problems.push(duplicateColumn(found.field.name, `by.${i}`));
    else {
      taken.add(found.field.name);
      keys.push(found);
    }
  });
  const visible = [...keys.map(({ field }) => field), ...bounds];
  const columns: AnalysedColumn[] = [];
  settings.columns.forEach(({ name, expression }, i) => {
    if (taken.has(name)) {
      problems.push(duplicateColumn(name, `columns.${i}.name`));
      return;
    }
    taken.add(name);
    const analysis = analyseAggregate(expression, input, aggregateFunctions, { keys: visible });
    if (analysis.ok) {
      const { calls, outer } = analysis;
      columns.push({ field: { name, type: outer.type, nullable: outer.nullable }, calls, outer });
    } else problems.push(expressionProblem(analysis.problems[0]!, `columns.${i}.expression`));
  });
  return { window: { keys, columns }, problems };
}

type FoundKey = { field: Field; typed: Typed } | { problem: LocalProblem };

function keyColumn(name: string, input: Schema, path: string): FoundKey {
  const field = fieldOf(input, name);
  if (field === undefined) return { problem: unknownField(name, input, path) };
  if (field.type === 'json') return { problem: jsonKey(field, path) };
  return { field, typed: acceptedExpression(`"${name}"`, input) };
}

function keyExpression({ name, expression }: { name: string; expression: string }, input: Schema, path: string): FoundKey {
  const { typed, problem } = expressionAt(expression, input, `${path}.expression`);
  if (problem !== undefined) return { problem };
  const field: Field = { name, type: typed.type, nullable: typed.nullable };
  return typed.type === 'json' ? { problem: jsonKey(field, `${path}.expression`) } : { field, typed };
}

function jsonKey(field: Field, path: string): LocalProblem {
  return wrongType(field, 'a type that can be grouped', path, "Take a part out of it: payload->>'name'.");
}

export function functionOf(call: AggregateCall): WindowAggregate {
  const found = aggregateFunctions.find(({ name }) => name === call.name);
  if (found === undefined) throw new Error(`bug: no aggregate ${call.name}`);
  return found;
}

/** true: the values are compared or kept, so text must come as ids */
export function needsIds(call: AggregateCall): boolean {
  return call.distinct || functionOf(call).ids;
}
