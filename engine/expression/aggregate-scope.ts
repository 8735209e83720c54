import type { FuncCall } from 'libpg-query';
import type { Field } from '../model/schema.ts';
import type { Type } from '../model/type.ts';
import { implicit } from './coercion.ts';
import { refuseJson } from './operators.ts';
import { Refusal } from './refusal.ts';
import { columnNode, rowScope, unknownColumn, type Scope, type Visitor } from './scope.ts';
import { constantSql, nodeSql, quotedName } from './sql-text.ts';
import { typedOf } from './typed-of.ts';
import type { AggregateCall, AggregateSignature, Node } from './typed.ts';

/** Outside of aggregates only group keys are in sight; each distinct aggregate call becomes column $0, $1 … */
export class AggregateScope implements Scope {
  readonly calls: AggregateCall[] = [];
  readonly names: readonly string[];
  readonly aggregateNames: readonly string[];
  readonly #keys: Scope;
  readonly #rows: Scope;
  readonly #functions: ReadonlyMap<string, AggregateSignature>;

  constructor(fields: readonly Field[], keys: readonly Field[], functions: readonly AggregateSignature[]) {
    this.#keys = rowScope(keys);
    this.names = this.#keys.names;
    this.#functions = new Map(functions.map((signature) => [signature.name, signature]));
    this.aggregateNames = [...this.#functions.keys()];
    this.#rows = {
      ...rowScope(fields),
      aggregate: (name, tree, visitor) => {
        if (!this.#functions.has(name)) return undefined;
        return visitor.stop(
          new Refusal('nested_aggregate', `${name}() stands inside another aggregate`, 'Use a second window node.'),
          tree.location,
        );
      },
    };
  }

  column(name: string): Node | Refusal {
    const key = this.#keys.column(name);
    if (!(key instanceof Refusal)) return key;
    const known = this.#rows.names.includes(name);
    if (!known) return unknownColumn(name, [...new Set([...this.names, ...this.#rows.names])]);
    return new Refusal(
      'not_grouped',
      `${name} is neither a group key nor inside an aggregate`,
      `Write an aggregate, for example max(${quotedName(name)}), or add it to the group keys.`,
    );
  }

  aggregate = (name: string, tree: FuncCall, visitor: Visitor): Node | undefined => {
    const signature = this.#functions.get(name);
    if (signature === undefined) return undefined;
    const { location } = tree;
    if (tree.agg_order !== undefined) {
      visitor.stop(
        new Refusal('not_supported', 'ORDER BY inside an aggregate is not supported', 'Rows come in order of event time.'),
        location,
      );
    }
    const distinct = tree.agg_distinct === true;
    return visitor.within(this.#rows, () => {
      const trees = tree.args ?? [];
      const args = trees.map((arg) => visitor.visit(arg));
      const condition = tree.agg_filter === undefined ? undefined : visitor.visit(tree.agg_filter);
      return visitor.build(location, trees, () => {
        const call = makeCall(signature, args, tree.agg_star === true, distinct, condition);
        let index = this.calls.findIndex((other) => other.sql === call.sql);
        if (index < 0) index = this.calls.push(call) - 1;
        return columnNode({ name: `$${index}`, type: call.type, nullable: call.nullable });
      });
    });
  };
}

function makeCall(
  signature: AggregateSignature,
  args: readonly Node[],
  star: boolean,
  distinct: boolean,
  condition: Node | undefined,
): AggregateCall {
  const { name } = signature;
  if (star && !signature.star) throw new Refusal('wrong_arguments', `${name}(*) has no meaning`, `Name a column: ${name}(x).`);
  if (!star && args.length === 0) throw new Refusal('wrong_arguments', `${name}() needs an argument`);
  if (distinct && !signature.distinct) throw new Refusal('not_supported', `${name}(DISTINCT …) is not supported`);
  const [argument, ...rest] = args.map((arg, i) => (i === 0 && arg.type === 'unknown' ? implicit(arg, 'text')! : arg));
  if (argument?.type === 'interval')
    throw new Refusal('interval_result', 'an interval cannot be aggregated', 'Take its seconds: extract(epoch from …).', 0);
  const type = argument?.type as Type | undefined;
  const takes = star ? undefined : signature.accepts(type);
  if (takes !== undefined) throw new Refusal('type_mismatch', `${name}() takes ${takes}, not ${type}`, undefined, 0);
  if (distinct && type !== undefined) refuseJson(type);
  const fewest = signature.optionsOptional === true ? 0 : signature.options;
  if (rest.length > signature.options || rest.length < fewest) {
    throw new Refusal(
      'wrong_arguments',
      `${name}() takes ${signature.options === 0 ? 'one argument' : `a value and ${signature.options} whole number${signature.options === 1 ? '' : 's'}`}`,
    );
  }
  const options = rest.map((node, i) => {
    if (node.op === 'constant' && node.type === 'integer' && (node.value as number) > 0) return node.value as number;
    throw new Refusal('constant_required', `option ${i + 1} of ${name}() must be a positive whole number`, undefined, i + 1);
  });
  const filter = condition === undefined ? undefined : implicit(condition, 'boolean');
  if (condition !== undefined && filter === undefined)
    throw new Refusal('type_mismatch', `FILTER (WHERE …) takes a condition, not ${condition.type}`);
  const parts = star ? '*' : [nodeSql(argument!), ...options.map((option) => constantSql(option, 'integer'))].join(', ');
  const where = filter === undefined ? '' : ` FILTER (WHERE ${nodeSql(filter)})`;
  return {
    name,
    distinct,
    argument: argument === undefined ? undefined : typedOf(nodeSql(argument), argument, distinct),
    options,
    filter: filter === undefined ? undefined : typedOf(nodeSql(filter), filter),
    type: signature.result(type),
    nullable: signature.nullable,
    sql: `${name}(${distinct ? 'DISTINCT ' : ''}${parts})${where}`,
  };
}
