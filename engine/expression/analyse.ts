import type { Field, Schema } from '../model/schema.ts';
import { isDecimal, type Type } from '../model/type.ts';
import { AggregateScope } from './aggregate-scope.ts';
import { Analyser } from './analyser.ts';
import { implicit, typeName } from './coercion.ts';
import { parse } from './parser.ts';
import { Refusal } from './refusal.ts';
import { rowScope, type Scope } from './scope.ts';
import { typedOf } from './typed-of.ts';
import type { AggregateAnalysis, AggregateSignature, Analysis, ExpressionProblem, Node, Typed } from './typed.ts';

export function analyse(text: string, schema: Schema, options: { readonly expect?: Type } = {}): Analysis {
  const result = typed(text, rowScope(schema.fields), options.expect);
  return Array.isArray(result) ? { ok: false, problems: result } : { ok: true, expression: result as Typed };
}

/** `keys`: columns that may stand outside of aggregates (group keys, window_start, window_end). */
export function analyseAggregate(
  text: string,
  schema: Schema,
  functions: readonly AggregateSignature[],
  options: { readonly keys?: readonly Field[]; readonly expect?: Type } = {},
): AggregateAnalysis {
  const scope = new AggregateScope(schema.fields, options.keys ?? [], functions);
  const result = typed(text, scope, options.expect);
  return Array.isArray(result) ? { ok: false, problems: result } : { ok: true, calls: scope.calls, outer: result as Typed };
}

function typed(text: string, scope: Scope, expect: Type | undefined): Typed | readonly ExpressionProblem[] {
  const parsed = parse(text);
  if (!parsed.ok) return [parsed.problem];
  const analyser = new Analyser(parsed.places, scope);
  const root = analyser.root(parsed.tree);
  if (root === undefined) return analyser.problems;
  try {
    return typedOf(text, asResult(root, expect));
  } catch (refusal) {
    if (refusal instanceof Refusal)
      return [
        { code: refusal.code, message: refusal.message, mend: refusal.mend, position: text.length - text.trimStart().length },
      ];
    throw refusal;
  }
}

function asResult(root: Node, expect: Type | undefined): Node {
  if (root.type === 'interval') {
    throw new Refusal(
      'interval_result',
      'the result is an interval, and no column holds one',
      'Take its seconds: extract(epoch from …).',
    );
  }
  const node = implicit(root, expect ?? (root.type === 'unknown' ? 'text' : root.type));
  if (node !== undefined) return node;
  const mend =
    expect === 'boolean'
      ? 'Write a condition, for example amount > 100.'
      : isDecimal(expect!)
        ? `Cast it: (…)::numeric(15, ${expect!.slice(8, -1)}).`
        : undefined;
  throw new Refusal('type_mismatch', `the result is ${typeName(root.type)}, but ${expect} is needed`, mend);
}
