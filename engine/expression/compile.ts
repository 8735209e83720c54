import { assert } from '../model/assert.ts';
import { BooleanColumn, TextColumn, type Batch, type Column, type Layout, type PhysicalField } from '../model/batch.ts';
import { Dictionary } from '../model/dictionary.ts';
import type { Type } from '../model/type.ts';
import { ArithmeticEvaluator } from './arithmetic-evaluator.ts';
import { implementation } from './build.ts';
import { CallEvaluator, type Argument } from './call-evaluator.ts';
import {
  CaseEvaluator,
  CoalesceEvaluator,
  ExtremeEvaluator,
  InEvaluator,
  NullifEvaluator,
  type Optional,
} from './choice-evaluators.ts';
import { Comparer, compareValues } from './comparer.ts';
import { ConstantEvaluator, FailingEvaluator } from './constant-evaluator.ts';
import type { FailedRows } from './failed-rows.ts';
import { RowFailure } from './row-failure.ts';
import type { Implementation, Node, Typed, Value } from './typed.ts';
import {
  ColumnEvaluator,
  CompareEvaluator,
  DistinctEvaluator,
  IsEvaluator,
  JunctionEvaluator,
  NotEvaluator,
} from './logic-evaluators.ts';
import { bytesOf, ints, MAX_OWN_TEXTS, truths, valueAt, type Evaluator, type Vector } from './vector.ts';

/** A compiled expression. Its result lives until the next evaluate of the same kernel. */
export interface Kernel {
  readonly type: Type;
  /** how the result comes; text asked for as `dictionary` always comes so */
  readonly as: PhysicalField['as'];
  /** Indexed by physical row, valid for batch.rows[0 … count). Rows that fail are marked in `failed` and NULL in the result. */
  evaluate(batch: Batch, failed: FailedRows): Column;
}

/** Rows by verdict, ascending; the arrays are reused by the next select. Failed rows are in neither. */
export interface Selection {
  readonly match: Int32Array;
  readonly matchCount: number;
  /** false or NULL */
  readonly rest: Int32Array;
  readonly restCount: number;
}

export interface Condition {
  select(batch: Batch, failed: FailedRows): Selection;
}

/** `as: 'dictionary'`: a text result is interned (keys, dedupe). */
export function compile(typed: Typed, layout: Layout, options: { readonly as?: 'dictionary' } = {}): Kernel {
  const evaluator = evaluatorOf(typed.root, layout);
  const natural = formOf(typed.root, layout);
  const interned = typed.type === 'text' && options.as === 'dictionary' ? new Interner() : undefined;
  let booleans = new Uint8Array(0);
  let nulls = new Uint8Array(0);
  return {
    type: typed.type,
    as: interned === undefined ? natural : 'dictionary',
    evaluate(batch, failed) {
      const vector = evaluator.run({ batch, failed }, batch.rows, batch.count);
      if (vector.kind === 'truth') {
        booleans = bytesOf(booleans, batch.length);
        nulls = bytesOf(nulls, batch.length);
        return asBoolean(vector.values, booleans, nulls, batch);
      }
      assert(vector.kind !== 'box', 'an interval left an expression');
      return interned === undefined || vector.kind === 'text' ? vector : interned.run(vector, batch);
    },
  };
}

function asBoolean(truth: Uint8Array, values: Uint8Array, nulls: Uint8Array, batch: Batch): BooleanColumn {
  let any = 0;
  for (let i = 0; i < batch.count; i++) {
    const row = batch.rows[i]!;
    values[row] = truth[row]! & 1;
    nulls[row] = truth[row]! >> 1;
    any |= truth[row]!;
  }
  return new BooleanColumn(values, (any & 2) === 0 ? undefined : nulls);
}

class Interner {
  #dictionary = new Dictionary();
  #ids = new Int32Array(0);

  run(vector: Vector, batch: Batch): TextColumn {
    if (this.#dictionary.size > MAX_OWN_TEXTS) this.#dictionary = new Dictionary();
    this.#ids = ints(this.#ids, batch.length);
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const text = valueAt(vector, row) as string | null;
      this.#ids[row] = text === null ? -1 : this.#dictionary.internText(text);
    }
    return new TextColumn(this.#ids, this.#dictionary);
  }
}

export function compileCondition(typed: Typed, layout: Layout): Condition {
  assert(typed.type === 'boolean', 'a condition is boolean');
  const evaluator = evaluatorOf(typed.root, layout);
  let match = new Int32Array(0);
  let rest = new Int32Array(0);
  return {
    select(batch, failed) {
      const truth = truths(evaluator.run({ batch, failed }, batch.rows, batch.count));
      const { rows, count } = failed.without(batch.rows, batch.count);
      match = ints(match, batch.count);
      rest = ints(rest, batch.count);
      let matchCount = 0;
      let restCount = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const isTrue = truth[row] === 1 ? 1 : 0;
        match[matchCount] = row;
        rest[restCount] = row;
        matchCount += isTrue;
        restCount += 1 - isTrue;
      }
      return { match, matchCount, rest, restCount };
    },
  };
}

function evaluatorOf(node: Node, layout: Layout): Evaluator {
  const of = (inner: Node): Evaluator => evaluatorOf(inner, layout);
  const optional = (inner: Node | undefined): Optional => (inner === undefined || isNull(inner) ? undefined : of(inner));
  switch (node.op) {
    case 'column': {
      const index = layout.findIndex((field) => field.name === node.name);
      assert(index >= 0, `column ${node.name} is not in the layout`);
      return new ColumnEvaluator(index);
    }
    case 'constant':
      return new ConstantEvaluator(node.type, node.value);
    case 'call':
      return callOf(node, of);
    case 'compare':
      return new CompareEvaluator(new Comparer(node.operator, node.left, node.right), of(node.left), of(node.right));
    case 'distinct':
      return new DistinctEvaluator(new Comparer('=', node.left, node.right), of(node.left), of(node.right), node.negated);
    case 'and':
    case 'or':
      return new JunctionEvaluator(
        node.op,
        node.args.map((arg) => ({ evaluator: of(arg), safe: isSafe(arg) })),
      );
    case 'not':
      return new NotEvaluator(of(node.arg));
    case 'is':
      return new IsEvaluator(of(node.arg), node.test, node.negated);
    case 'case': {
      const whens = node.whens.map((when) => ({ condition: of(when.condition), result: optional(when.result) }));
      return new CaseEvaluator(node.type, whens, optional(node.otherwise));
    }
    case 'coalesce':
      return new CoalesceEvaluator(node.type, node.args.filter((arg) => !isNull(arg)).map(of));
    case 'greatest':
    case 'least':
      return extremeOf(node, of);
    case 'nullif':
      return new NullifEvaluator(node.type, of(node.left), of(node.right), new Comparer('=', node.left, node.right));
    case 'in':
      return new InEvaluator(of(node.arg), node.values, node.negated);
    case 'array':
      return callWith(
        implementation('array', 'text[]', (...items: readonly Value[]) => items as readonly (string | null)[], { strict: false }),
        node.args,
        of,
      );
  }
}

function callOf(node: Node & { op: 'call' }, of: (inner: Node) => Evaluator): Evaluator {
  const { implementation: computed, args } = node;
  if (args.every((arg) => arg.op === 'constant')) {
    try {
      const values = args.map((arg) => arg.value);
      return new ConstantEvaluator(node.type, computed.strict && values.includes(null) ? null : computed.apply(...values));
    } catch (failure) {
      if (failure instanceof RowFailure) return new FailingEvaluator(node.type, failure);
      throw failure;
    }
  }
  if (computed.arithmetic !== undefined && args.length === 2) return new ArithmeticEvaluator(computed, of(args[0]!), of(args[1]!));
  // a whole number is its own float
  if (computed.name === 'cast to float' && args[0]!.type === 'integer') return of(args[0]!);
  return callWith(computed, args, of);
}

function callWith(computed: Implementation, args: readonly Node[], of: (inner: Node) => Evaluator): Evaluator {
  const list = args.map((arg): Argument =>
    arg.op === 'constant' ? { evaluator: undefined, value: arg.value } : { evaluator: of(arg), value: null },
  );
  return new CallEvaluator(computed, list);
}

function extremeOf(node: Node & { op: 'greatest' | 'least' }, of: (inner: Node) => Evaluator): Evaluator {
  const sign = node.op === 'greatest' ? 1 : -1;
  if (['text', 'boolean', 'interval', 'text[]'].includes(node.type)) {
    const apply = (...values: readonly Value[]): Value =>
      values.reduce<Value>(
        (best, next) => (next !== null && (best === null || compareValues(next, best) * sign > 0) ? next : best),
        null,
      );
    return callWith(implementation(node.op, node.type, apply, { strict: false }), node.args, of);
  }
  return new ExtremeEvaluator(node.args.map(of), sign === 1);
}

function isNull(node: Node): boolean {
  return node.op === 'constant' && node.value === null;
}

/** Cannot fail and costs a few nanoseconds a row. */
function isSafe(node: Node): boolean {
  switch (node.op) {
    case 'column':
    case 'constant':
      return true;
    case 'compare':
      return isSafe(node.left) && isSafe(node.right);
    case 'in':
    case 'not':
    case 'is':
      return isSafe(node.arg);
    case 'and':
    case 'or':
      return node.args.every(isSafe);
    default:
      return false;
  }
}

/** How the result of a node comes: texts as ids where all that makes them has ids. */
function formOf(node: Node, layout: Layout): PhysicalField['as'] {
  switch (node.type) {
    case 'text':
      return isDictionary(node, layout) ? 'dictionary' : 'bytes';
    case 'json':
      return 'bytes';
    case 'boolean':
      return 'boolean';
    case 'text[]':
      return 'list';
    default:
      return 'number';
  }
}

function isDictionary(node: Node, layout: Layout): boolean {
  switch (node.op) {
    case 'column':
      return layout.find((field) => field.name === node.name)?.as === 'dictionary';
    case 'constant':
      return true;
    case 'call': {
      const varying = node.args.filter((arg) => arg.op !== 'constant');
      return varying.length === 0 || (varying.length === 1 && varying[0]!.type === 'text' && isDictionary(varying[0]!, layout));
    }
    case 'case':
      return [...node.whens.map((when) => when.result), ...(node.otherwise === undefined ? [] : [node.otherwise])].every((arg) =>
        isDictionary(arg, layout),
      );
    case 'coalesce':
      return node.args.every((arg) => isDictionary(arg, layout));
    case 'nullif':
      return isDictionary(node.left, layout);
    default:
      return false;
  }
}
