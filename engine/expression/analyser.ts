import type { A_Expr, FuncCall, Node as SyntaxNode } from 'libpg-query';
import { element } from './array-element.ts';
import { constant, isConstantNull } from './build.ts';
import { integerFrom } from './cast-text.ts';
import { implicit, literalAs, typeName, unify } from './coercion.ts';
import { disallowed } from './disallowed.ts';
import { nameOf } from './function-name.ts';
import { FUNCTIONS, resolveFunction, unknownFunction } from './function-table.ts';
import { RowFailure } from './row-failure.ts';
import { withBackslash } from './like-pattern.ts';
import { anyOf, between, oneOf } from './membership.ts';
import { binary, castTo, comparable, compare, refuseJson, unary } from './operators.ts';
import type { Places } from './parser.ts';
import { startOf } from './place.ts';
import { Refusal } from './refusal.ts';
import type { Scope, Visitor } from './scope.ts';
import { namedType } from './type-name.ts';
import type { ExpressionProblem, Node } from './typed.ts';

export const MAX_NODES = 500;
export const MAX_DEPTH = 32;

/** A problem has been noted; nothing above this node can be checked. */
const STOP = Symbol('stop');
type Of<Kind extends string> = Extract<SyntaxNode, Record<Kind, unknown>> extends Record<Kind, infer Inner> ? Inner : never;

/** Checks a syntax tree against the allowed nodes, functions and column types, and gives the typed tree. */
export class Analyser implements Visitor {
  readonly problems: ExpressionProblem[] = [];
  readonly #places: Places;
  #scope: Scope;
  #count = 0;
  #depth = 0;

  constructor(places: Places, scope: Scope) {
    this.#places = places;
    this.#scope = scope;
  }

  /** undefined: see `problems` */
  root(tree: SyntaxNode): Node | undefined {
    try {
      return this.visit(tree);
    } catch (stop) {
      if (stop === STOP) return undefined;
      throw stop;
    }
  }

  /** With other columns in sight: arguments of an aggregate. */
  within<T>(scope: Scope, work: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return work();
    } finally {
      this.#scope = outer;
    }
  }

  stop(refusal: Refusal, at: number | undefined, args: readonly SyntaxNode[] = []): never {
    const argument = refusal.argument === undefined ? undefined : args[refusal.argument];
    const place = argument === undefined ? at : (startOf(argument) ?? at);
    this.problems.push({ code: refusal.code, message: refusal.message, mend: refusal.mend, position: this.#places.ofByte(place) });
    throw STOP;
  }

  /** Builds a node from checked arguments; a Refusal gets its place here. */
  build(at: number | undefined, args: readonly SyntaxNode[], work: () => Node): Node {
    try {
      return work();
    } catch (refusal) {
      if (refusal instanceof Refusal) this.stop(refusal, at, args);
      throw refusal;
    }
  }

  visit(tree: SyntaxNode): Node {
    if (++this.#count > MAX_NODES)
      this.stop(
        new Refusal('expression_too_large', `the expression has more than ${MAX_NODES} parts`, 'Split it over two derive nodes.'),
        startOf(tree),
      );
    if (++this.#depth > MAX_DEPTH)
      this.stop(
        new Refusal(
          'expression_too_deep',
          `the expression is nested more than ${MAX_DEPTH} deep`,
          'Split it over two derive nodes.',
        ),
        startOf(tree),
      );
    try {
      return this.#node(tree);
    } finally {
      this.#depth--;
    }
  }

  /** All of them, so that every problem is found at once. */
  visitAll(trees: readonly SyntaxNode[]): Node[] {
    const nodes: Node[] = [];
    let stopped = false;
    for (const tree of trees) {
      try {
        nodes.push(this.visit(tree));
      } catch (stop) {
        if (stop !== STOP) throw stop;
        stopped = true;
        if (this.#count > MAX_NODES) break;
      }
    }
    if (stopped) throw STOP;
    return nodes;
  }

  #node(tree: SyntaxNode): Node {
    if ('ColumnRef' in tree) return this.#column(tree.ColumnRef.fields ?? [], tree.ColumnRef.location);
    if ('A_Const' in tree) return this.#constant(tree.A_Const);
    if ('A_Expr' in tree) return this.#expression(tree.A_Expr);
    if ('BoolExpr' in tree) return this.#boolean(tree.BoolExpr);
    if ('FuncCall' in tree) return this.#function(tree.FuncCall);
    if ('TypeCast' in tree) return this.#cast(tree.TypeCast);
    if ('CaseExpr' in tree) return this.#case(tree.CaseExpr);
    if ('NullTest' in tree) {
      const arg = this.#texted(this.visit(tree.NullTest.arg!));
      return {
        op: 'is',
        type: 'boolean',
        nullable: false,
        test: 'null',
        negated: tree.NullTest.nulltesttype === 'IS_NOT_NULL',
        arg,
      };
    }
    if ('BooleanTest' in tree) {
      const kind = tree.BooleanTest.booltesttype ?? 'IS_TRUE';
      const [arg] = this.#conditions([tree.BooleanTest.arg!]);
      const test = kind.endsWith('TRUE') ? 'true' : kind.endsWith('FALSE') ? 'false' : 'null';
      return { op: 'is', type: 'boolean', nullable: false, test, negated: kind.startsWith('IS_NOT'), arg: arg! };
    }
    if ('CoalesceExpr' in tree) {
      const nodes = this.#united(tree.CoalesceExpr.args ?? [], 'coalesce:', tree.CoalesceExpr.location);
      if (nodes.every(isConstantNull)) return nodes[0]!;
      return { op: 'coalesce', type: nodes[0]!.type, nullable: nodes.every((node) => node.nullable), args: nodes };
    }
    if ('MinMaxExpr' in tree) {
      const { op, args = [], location } = tree.MinMaxExpr;
      const name = op === 'IS_LEAST' ? 'least' : 'greatest';
      const nodes = this.#united(args, `${name}:`, location);
      this.build(location, args, () => {
        refuseJson(nodes[0]!.type);
        return nodes[0]!;
      });
      return { op: name, type: nodes[0]!.type, nullable: nodes.every((node) => node.nullable), args: nodes };
    }
    if ('A_ArrayExpr' in tree) {
      const elements = tree.A_ArrayExpr.elements ?? [];
      const nodes = this.visitAll(elements).map((node, i) =>
        this.build(startOf(elements[i]!), [], () => {
          const text = implicit(node, 'text');
          if (text === undefined)
            throw new Refusal('type_mismatch', `an array here holds texts, not ${typeName(node.type)}`, 'Cast it: (x)::text.');
          return text;
        }),
      );
      return { op: 'array', type: 'text[]', nullable: false, args: nodes };
    }
    if ('A_Indirection' in tree) return this.#subscript(tree.A_Indirection);
    const { location } = Object.values(tree)[0] as { readonly location?: number };
    return this.stop(disallowed(tree, this.#scope), location ?? startOf(tree));
  }

  #texted(node: Node): Node {
    return node.type === 'unknown' ? implicit(node, 'text')! : node;
  }

  #column(fields: readonly SyntaxNode[], location: number | undefined): Node {
    const names = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : '*'));
    if (names.length !== 1 || names[0] === '*') {
      const mend = names.at(-1) === '*' ? 'Name one column.' : `Write ${names.at(-1)} alone.`;
      this.stop(new Refusal('not_supported', `${names.join('.')} is no column of the input`, mend), location);
    }
    const found = this.#scope.column(names[0]!);
    if (found instanceof Refusal) this.stop(found, location);
    return found;
  }

  #constant(literal: Of<'A_Const'>): Node {
    const { location } = literal;
    if (literal.isnull === true) return constant('unknown', null);
    if (literal.sval !== undefined) return constant('unknown', literal.sval.sval ?? '');
    if (literal.boolval !== undefined) return constant('boolean', literal.boolval.boolval === true);
    if (literal.ival !== undefined) return constant('integer', literal.ival.ival ?? 0);
    if (literal.fval?.fval === undefined) return this.stop(new Refusal('not_supported', 'bit strings are not supported'), location);
    const digits = literal.fval.fval;
    return this.build(location, [], () => {
      const plain = digits.replaceAll('_', '');
      if (/^[-+]?\d*(\.|\de)/i.test(plain)) {
        const float = literalAs({ op: 'constant', type: 'unknown', nullable: false, value: plain }, 'float');
        return { ...float, digits: plain } as Node;
      }
      try {
        return constant('integer', integerFrom(digits));
      } catch (failure) {
        if (failure instanceof RowFailure)
          throw new Refusal('invalid_literal', failure.sentence, 'Write it with a point to make it a float.');
        throw failure;
      }
    });
  }

  #expression(tree: A_Expr): Node {
    const { kind, location } = tree;
    const name = tree.name?.map((part) => ('String' in part ? part.String.sval : '')).join('.') ?? '';
    const left = tree.lexpr;
    const right = tree.rexpr!;
    switch (kind) {
      case 'AEXPR_OP': {
        if (left === undefined) {
          const arg = this.visit(right);
          return this.build(location, [right], () => unary(name, arg));
        }
        const [a, b] = this.visitAll([left, right]);
        return this.build(location, [left, right], () => binary(name, a!, b!));
      }
      case 'AEXPR_LIKE':
      case 'AEXPR_ILIKE': {
        const [a, b] = [this.visit(left!), this.#likePattern(right)];
        return this.build(location, [left!, right], () => binary(name, a, b));
      }
      case 'AEXPR_DISTINCT':
      case 'AEXPR_NOT_DISTINCT': {
        const [a, b] = this.visitAll([left!, right]);
        return this.build(location, [left!, right], () => {
          const { nodes } = comparable(a!, b!, 'IS DISTINCT FROM');
          return {
            op: 'distinct',
            type: 'boolean',
            nullable: false,
            negated: kind === 'AEXPR_NOT_DISTINCT',
            left: nodes[0]!,
            right: nodes[1]!,
          };
        });
      }
      case 'AEXPR_NULLIF': {
        const [a, b] = this.visitAll([left!, right]);
        return this.build(location, [left!, right], () => {
          const { nodes } = comparable(a!, b!, 'nullif');
          if (nodes.some(isConstantNull)) return nodes[0]!;
          // the result is the first argument as it was compared: nullif(1, 2.5) is a float
          return { op: 'nullif', type: nodes[0]!.type, nullable: true, left: nodes[0]!, right: nodes[1]! };
        });
      }
      case 'AEXPR_IN':
        return this.#in(left!, 'List' in right ? (right.List.items ?? []) : [right], name === '<>', location);
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL':
        return this.#any(name, left!, right, kind === 'AEXPR_OP_ALL', location);
      case 'AEXPR_BETWEEN':
      case 'AEXPR_NOT_BETWEEN':
      case 'AEXPR_BETWEEN_SYM':
      case 'AEXPR_NOT_BETWEEN_SYM':
        return this.#between(kind, left!, 'List' in right ? (right.List.items ?? []) : [], location);
      default:
        return this.stop(
          new Refusal(
            'not_supported',
            kind === 'AEXPR_SIMILAR' ? 'SIMILAR TO is not supported' : 'this form is not supported',
            'Write LIKE or ~.',
          ),
          location,
        );
    }
  }

  #likePattern(tree: SyntaxNode): Node {
    if (!('FuncCall' in tree) || nameOf(tree.FuncCall) !== 'like_escape') return this.visit(tree);
    const [pattern, escape] = this.visitAll(tree.FuncCall.args ?? []);
    return this.build(tree.FuncCall.location, [], () => {
      const texts = [pattern!, escape!].map((node) =>
        node.op === 'constant' && typeof node.value === 'string' ? node.value : undefined,
      );
      const written = texts[0] === undefined || texts[1] === undefined ? undefined : withBackslash(texts[0], texts[1]);
      if (written === undefined)
        throw new Refusal('constant_required', 'with ESCAPE both the pattern and its escape character are constants');
      return constant('unknown', written);
    });
  }

  #boolean(tree: Of<'BoolExpr'>): Node {
    const args = this.#conditions(tree.args ?? []);
    if (tree.boolop === 'NOT_EXPR' && isConstantNull(args[0]!)) return args[0]!;
    if (tree.boolop === 'NOT_EXPR') return { op: 'not', type: 'boolean', nullable: args[0]!.nullable, arg: args[0]! };
    return { op: tree.boolop === 'OR_EXPR' ? 'or' : 'and', type: 'boolean', nullable: args.some((arg) => arg.nullable), args };
  }

  #conditions(trees: readonly SyntaxNode[]): Node[] {
    return this.visitAll(trees).map((node, i) => this.#condition(node, startOf(trees[i]!)));
  }

  #condition(node: Node, at: number | undefined): Node {
    return this.build(at, [], () => {
      const boolean = implicit(node, 'boolean');
      if (boolean === undefined)
        throw new Refusal('type_mismatch', `a condition must be boolean, not ${typeName(node.type)}`, 'Compare it with something.');
      return boolean;
    });
  }

  #united(trees: readonly SyntaxNode[], what: string, location: number | undefined): readonly Node[] {
    const nodes = this.visitAll(trees);
    let united: readonly Node[] = nodes;
    this.build(location, trees, () => (united = unify(nodes, what).nodes)[0]!);
    return united;
  }

  #in(left: SyntaxNode, items: readonly SyntaxNode[], negated: boolean, location: number | undefined): Node {
    const [subject, ...nodes] = this.visitAll([left, ...items]);
    return this.build(location, [left, ...items], () => oneOf(subject!, nodes, negated));
  }

  #any(operator: string, left: SyntaxNode, right: SyntaxNode, all: boolean, location: number | undefined): Node {
    const elements = 'A_ArrayExpr' in right ? (right.A_ArrayExpr.elements ?? []) : undefined;
    const [subject, ...nodes] = this.visitAll([left, ...(elements ?? [right])]);
    const array = nodes[0] ?? constant('text[]', []);
    return this.build(location, [left, ...(elements ?? [right])], () =>
      anyOf(operator, subject!, array, elements === undefined ? undefined : nodes, all),
    );
  }

  #between(kind: string, left: SyntaxNode, bounds: readonly SyntaxNode[], location: number | undefined): Node {
    const [x, low, high] = this.visitAll([left, ...bounds]);
    return this.build(location, [left, ...bounds], () => between(kind, x!, low!, high!));
  }

  #cast(tree: Of<'TypeCast'>): Node {
    const at = startOf(tree.arg!) ?? tree.typeName?.location;
    const arg = this.visit(tree.arg!);
    return this.build(at, [], () => {
      const { type, precision } = namedType(tree.typeName!, arg.type);
      if (arg.op === 'constant' && arg.type === 'unknown') return literalAs(arg, type, precision);
      return castTo(arg, type, precision);
    });
  }

  #case(tree: Of<'CaseExpr'>): Node {
    const branches = (tree.args ?? []).flatMap((branch) => ('CaseWhen' in branch ? [branch.CaseWhen] : []));
    const subject = tree.arg === undefined ? undefined : this.visit(tree.arg);
    const tests = this.visitAll(branches.map((branch) => branch.expr!));
    const conditions = tests.map((test, i) => {
      const at = startOf(branches[i]!.expr!);
      return subject === undefined ? this.#condition(test, at) : this.build(at, [], () => compare('=', subject, test));
    });
    const results = [...branches.map((branch) => branch.result!), ...(tree.defresult === undefined ? [] : [tree.defresult])];
    const united = this.#united(results, 'CASE:', tree.location);
    const otherwise = tree.defresult === undefined ? undefined : united.at(-1);
    const whens = conditions.map((condition, i) => ({ condition, result: united[i]! }));
    const nullable = otherwise === undefined || united.some((node) => node.nullable);
    return { op: 'case', type: united[0]!.type, nullable, whens, otherwise };
  }

  #subscript(tree: Of<'A_Indirection'>): Node {
    const at = startOf(tree.arg!);
    const step = tree.indirection?.[0];
    const indices = step !== undefined && 'A_Indices' in step ? step.A_Indices : undefined;
    if (tree.indirection?.length !== 1 || indices?.uidx === undefined || indices.is_slice === true) {
      this.stop(new Refusal('not_supported', 'only one element can be taken from an array: x[1]'), at);
    }
    const [list, index] = this.visitAll([tree.arg!, indices!.uidx!]);
    return this.build(at, [tree.arg!, indices!.uidx!], () => element(list!, index!));
  }

  #function(tree: FuncCall): Node {
    const name = nameOf(tree);
    const { location } = tree;
    const trees = tree.args ?? [];
    if (tree.over !== undefined)
      this.stop(new Refusal('window_not_allowed', 'window functions (OVER) are not supported', 'Use a window node.'), location);
    if (tree.agg_within_group === true || tree.func_variadic === true)
      this.stop(new Refusal('not_supported', `this form of ${name}() is not supported`), location);
    const aggregate = this.#scope.aggregate?.(name, tree, this);
    if (aggregate !== undefined) return aggregate;
    if (!FUNCTIONS.has(name)) this.stop(unknownFunction(name, this.#scope.aggregateNames ?? []), location);
    if (tree.agg_star === true || tree.agg_distinct === true || tree.agg_filter !== undefined || tree.agg_order !== undefined) {
      this.stop(
        new Refusal('not_supported', `${name}() is no aggregate: *, DISTINCT, FILTER and ORDER BY have no meaning`),
        location,
      );
    }
    const args = this.visitAll(trees);
    return this.build(location, trees, () => resolveFunction(name, args));
  }
}
