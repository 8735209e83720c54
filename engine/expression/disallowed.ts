import type { Node as SyntaxNode } from 'libpg-query';
import { FORMS } from './function-table.ts';
import { Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';

/** Why a form of SQL that the grammar knows is not allowed here (X6). */
export function disallowed(tree: SyntaxNode, scope: Scope): Refusal {
  const kind = Object.keys(tree)[0]!;
  if (kind === 'SubLink')
    return new Refusal(
      'subquery_not_allowed',
      'subqueries are not supported: an expression sees one row',
      'Join the other stream with a join node.',
    );
  if (kind === 'SQLValueFunction') {
    const word = String((tree as Extract<SyntaxNode, Record<'SQLValueFunction', unknown>>).SQLValueFunction.op)
      .replace('SVFOP_', '')
      .toLowerCase();
    if (scope.names.includes(word))
      return new Refusal('reserved_word', `${word} is a word of SQL`, `Write "${word}" in double quotes for the column.`);
    return new Refusal(
      'volatile_function',
      `${word} gives another value each time, so results could not be repeated`,
      'Use the event time column instead.',
    );
  }
  if (kind.startsWith('Json'))
    return new Refusal('not_supported', 'the SQL/JSON forms are not supported', 'Write json_build_object(…), -> or ->>.');
  if (kind === 'CollateClause')
    return new Refusal('not_supported', 'COLLATE is not supported: texts are ordered by their UTF-8 bytes', 'Leave it out.');
  if (kind === 'ParamRef') return new Refusal('not_supported', 'parameters ($1) are not supported', 'Name a column.');
  if (kind === 'RowExpr') return new Refusal('not_supported', 'rows (a, b) are not supported', 'Compare the values one by one.');
  return new Refusal(
    'not_supported',
    'this form of SQL is not supported here',
    `Supported: operators, CASE, ${FORMS.map((form) => form.name).join(', ')} and the listed functions.`,
  );
}
