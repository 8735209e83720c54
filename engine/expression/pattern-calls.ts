import { call, constantText, implementation } from './build.ts';
import { lower } from './case-mapping.ts';
import { RowFailure } from './row-failure.ts';
import { compileLike, type LikeTest } from './like-pattern.ts';
import { Refusal } from './refusal.ts';
import { compilePattern } from './regular-expression.ts';
import type { Node } from './typed.ts';

/** text [NOT] [I]LIKE pattern; a constant pattern is compiled once. */
export function likeCall(operator: '~~' | '~~*' | '!~~' | '!~~*', text: Node, pattern: Node): Node {
  const ignoreCase = operator.endsWith('*');
  const negated = operator.startsWith('!');
  const sql = (args: readonly string[]): string =>
    `(${args[0]}) ${negated ? 'NOT ' : ''}${ignoreCase ? 'ILIKE' : 'LIKE'} (${args[1]})`;
  const fold = (value: string): string => (ignoreCase ? lower(value) : value);
  let fixed: LikeTest | undefined;
  if (pattern.op === 'constant' && typeof pattern.value === 'string') {
    fixed = compileLike(fold(pattern.value));
    if (fixed === undefined)
      throw new Refusal(
        'invalid_literal',
        'a LIKE pattern must not end with its escape character',
        'Write the backslash twice.',
        1,
      );
  }
  const test = fixed;
  const apply =
    test !== undefined
      ? (value: string) => test(fold(value)) !== negated
      : (value: string, source: string) => {
          const like = compileLike(fold(source));
          if (like === undefined) throw new RowFailure('invalid_pattern', 'the LIKE pattern ends with its escape character');
          return like(fold(value)) !== negated;
        };
  return call(implementation(operator, 'boolean', apply, { sql }), [text, pattern]);
}

/** text ~ 'pattern' and its forms; the pattern is a constant. */
export function regularExpressionCall(operator: '~' | '~*' | '!~' | '!~*', text: Node, pattern: Node): Node {
  const source = constantText(pattern, 'the pattern', 1);
  const compiled = compilePattern(source, { ignoreCase: operator.endsWith('*'), replaces: false });
  if (!compiled.ok) throw patternRefusal(compiled.reason, source, 1);
  const negated = operator.startsWith('!');
  const apply = (value: string): boolean => compiled.pattern.matcher(value).find() !== negated;
  const typed: Node = { op: 'constant', type: 'text', nullable: false, value: source };
  return call(implementation(operator, 'boolean', apply, { sql: (args) => `(${args[0]}) ${operator} (${args[1]})` }), [
    text,
    typed,
  ]);
}

export function patternRefusal(reason: string, source: string, argument: number): Refusal {
  return new Refusal(
    'pattern_not_supported',
    `the pattern ${source.slice(0, 60)}: ${reason}`,
    'Use the common subset of PostgreSQL and RE2.',
    argument,
  );
}
