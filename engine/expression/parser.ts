import { hasSqlDetails, loadModule, parseSync, type Node as SyntaxNode } from 'libpg-query';
import type { ExpressionProblem } from './typed.ts';

/** [X1] PostgreSQL's own grammar. `load` once per process, then parsing is synchronous. */
let loading: Promise<void> | undefined;

export function load(): Promise<void> {
  loading ??= loadModule();
  return loading;
}

const PREFIX = 'SELECT ';
export const MAX_EXPRESSION_BYTES = 4096;

export type ParseResult =
  | { readonly ok: true; readonly tree: SyntaxNode; readonly places: Places }
  | { readonly ok: false; readonly problem: ExpressionProblem };

/** The syntax tree counts UTF-8 bytes of the whole statement, editors count UTF-16 units of the expression. */
export class Places {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  /** undefined for nodes that carry no place */
  ofByte(location: number | undefined): number | undefined {
    if (location === undefined || location < 0) return undefined;
    let bytes = location - PREFIX.length;
    let unit = 0;
    while (bytes > 0 && unit < this.#text.length) {
      const code = this.#text.codePointAt(unit)!;
      bytes -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      unit += code > 0xffff ? 2 : 1;
    }
    return unit;
  }

  /** Errors of the grammar count characters. */
  ofCharacter(position: number): number {
    let unit = 0;
    for (let left = position - PREFIX.length; left > 0 && unit < this.#text.length; left--)
      unit += this.#text.codePointAt(unit)! > 0xffff ? 2 : 1;
    return unit;
  }
}

function refuse(code: string, message: string, mend?: string, position?: number): ParseResult {
  return { ok: false, problem: { code, message, mend, position } };
}

export function parse(text: string): ParseResult {
  if (text.trim() === '')
    return refuse('expression_empty', 'the expression is empty', 'Write an expression, for example amount > 100.', 0);
  if (text.includes('\u0000') || !text.isWellFormed())
    return refuse('expression_syntax', 'the expression holds a character that no text can hold', 'Delete it.', 0);
  if (new TextEncoder().encode(text).length > MAX_EXPRESSION_BYTES) {
    return refuse('expression_too_long', 'the expression is longer than 4 KiB', 'Split it over two derive nodes.', 0);
  }
  const places = new Places(text);
  try {
    // the line break ends a trailing comment
    const { stmts } = parseSync(`${PREFIX}${text}\n`);
    const tree = onlyValue(stmts);
    return tree === undefined
      ? refuse(
          'expression_one_value',
          'this is not one single expression',
          'Write one value or condition, without commas, aliases, FROM or semicolons.',
          0,
        )
      : { ok: true, tree, places };
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const details = error.sqlDetails!;
    return refuse(
      'expression_syntax',
      details.message,
      undefined,
      details.cursorPosition < 0 ? 0 : places.ofCharacter(details.cursorPosition),
    );
  }
}

const CLAUSES = new Set(['targetList', 'limitOption', 'op']);

function onlyValue(statements: ReturnType<typeof parseSync>['stmts']): SyntaxNode | undefined {
  const statement = statements?.length === 1 ? statements[0]!.stmt : undefined;
  if (statement === undefined || !('SelectStmt' in statement)) return undefined;
  const select = statement.SelectStmt;
  if (Object.keys(select).some((clause) => !CLAUSES.has(clause)) || select.op !== 'SETOP_NONE' || select.targetList?.length !== 1)
    return undefined;
  const target = select.targetList[0]!;
  if (!('ResTarget' in target) || target.ResTarget.name !== undefined) return undefined;
  return target.ResTarget.val;
}
