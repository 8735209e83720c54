import type { Layout } from '../../../engine/model/batch.ts';
import { compile, compileCondition, sqlOf, type AggregateCall, type Condition } from '../../../engine/expression/expression.ts';
import { physicalFields } from '../../kit/physical-fields.ts';
import type { Aggregation, ArgumentPlan, CallPlan, OuterPlan } from './aggregation.ts';
import { BOUNDS, functionOf, needsIds, type AnalysedColumn, type AnalysedWindow } from './analyse-window.ts';

/** Kernels and states of an accepted window. Equal calls, filters and arguments are computed once. */
export function compileWindow(window: AnalysedWindow, layout: Layout, bounds: boolean): Aggregation {
  const calls = new CallList(layout);
  const keyFields = window.keys.map(({ field }) => field);
  const seen = physicalFields(bounds ? [...keyFields, ...BOUNDS] : keyFields);
  const columns = window.columns.map((column) => outerOf(column, calls, seen));
  return {
    keys: window.keys.map(({ typed }) => compile(typed, layout, { as: 'dictionary' })),
    keyTypes: keyFields.map(({ type }) => type),
    arguments: calls.arguments,
    filters: calls.filters,
    calls: calls.calls,
    columns,
    bounds,
    output: [...seen, ...physicalFields(window.columns.map(({ field }) => field))],
  };
}

function outerOf({ calls, outer }: AnalysedColumn, list: CallList, seen: Layout): OuterPlan | number {
  const numbers = calls.map((call) => list.add(call));
  const { root } = outer;
  if (root.op === 'column' && root.name.startsWith('$')) return numbers[Number(root.name.slice(1))]!;
  const results = physicalFields(calls.map(({ type, nullable }, i) => ({ name: `$${i}`, type, nullable })));
  return { kernel: compile(outer, [...results, ...seen], { as: 'dictionary' }), calls: numbers };
}

class CallList {
  readonly calls: CallPlan[] = [];
  readonly arguments: ArgumentPlan[] = [];
  readonly filters: Condition[] = [];
  readonly #layout: Layout;
  #callSql: string[] = [];
  #argumentSql: string[] = [];
  #filterSql: string[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  add(call: AggregateCall): number {
    const found = this.#callSql.indexOf(call.sql);
    if (found >= 0) return found;
    const filter = this.#filter(call);
    const argument = this.#argument(call, filter);
    this.#callSql.push(call.sql);
    const create = functionOf(call).state({ argument: call.argument?.type, distinct: call.distinct, options: call.options });
    return (
      this.calls.push({
        create,
        type: call.type,
        argument,
        filter,
        ranged: call.name === 'sum' || call.name === 'avg',
        text: call.sql,
      }) - 1
    );
  }

  #filter({ filter }: AggregateCall): number {
    if (filter === undefined) return -1;
    const sql = sqlOf(filter);
    const found = this.#filterSql.indexOf(sql);
    if (found >= 0) return found;
    this.#filterSql.push(sql);
    return this.filters.push(compileCondition(filter, this.#layout)) - 1;
  }

  #argument(call: AggregateCall, filter: number): number {
    if (call.argument === undefined) return -1;
    const ids = needsIds(call);
    const sql = `${ids ? 'ids' : 'any'} ${filter} ${sqlOf(call.argument)}`;
    const found = this.#argumentSql.indexOf(sql);
    if (found >= 0) return found;
    this.#argumentSql.push(sql);
    const kernel = compile(call.argument, this.#layout, ids ? { as: 'dictionary' } : {});
    return this.arguments.push({ kernel, filter }) - 1;
  }
}
