import { must } from '../../engine/model/assert.ts';
import type { Layout, PhysicalField } from '../../engine/model/batch.ts';
import type { LocalProblem, Reads } from '../../engine/model/definition.ts';
import { fieldOf, type Field, type Schema } from '../../engine/model/schema.ts';
import type { InputShape } from '../../engine/stream/operator.ts';
import type { Cell } from './cell.ts';
import { isKeyType, unknownField, wrongType } from './field-problems.ts';

/** What two inputs are joined by. */
export interface JoinSettings {
  readonly on: readonly string[];
  readonly right_prefix: string;
}

export const BOUNDS: readonly string[] = ['window_start', 'window_end'];

/** One column of a join's output. `key`: from whichever side is there · `start`, `end`: bounds of the window, once. */
export interface JoinedColumn {
  readonly name: string;
  readonly from: 'left' | 'right' | 'key' | 'start' | 'end';
  /** name on its own side */
  readonly source: string;
}

/**
 * [J4] The columns of a join: the left ones in their order, then the right ones that are neither key nor window bound; a right
 * name that the left has too gets the prefix. `windowed`: the bounds of both sides are the same and appear once.
 */
export function joinedColumns(left: Schema, right: Schema, settings: JoinSettings, windowed: boolean): readonly JoinedColumn[] {
  const shared = (name: string, schema: Schema): JoinedColumn['from'] | undefined => {
    if (settings.on.includes(name)) return 'key';
    if (!windowed || !BOUNDS.includes(name) || fieldOf(schema, name)?.type !== 'timestamp') return undefined;
    return name === 'window_start' ? 'start' : 'end';
  };
  const columns = left.fields.map(({ name }): JoinedColumn => ({ name, from: shared(name, left) ?? 'left', source: name }));
  for (const { name } of right.fields) {
    const from = shared(name, right);
    const taken = fieldOf(left, name) !== undefined;
    if (from !== undefined && taken) continue;
    columns.push({ name: taken ? `${settings.right_prefix}${name}` : name, from: from ?? 'right', source: name });
  }
  return columns;
}

/** Keys that are missing or differ, and right columns that would hide left ones. */
export function joinProblems(left: Schema, right: Schema, settings: JoinSettings, windowed: boolean): LocalProblem[] {
  const problems: LocalProblem[] = [];
  settings.on.forEach((name, i) => {
    const [a, b] = [fieldOf(left, name), fieldOf(right, name)];
    const path = `on.${i}`;
    if (a === undefined || b === undefined) {
      const missing = unknownField(name, a === undefined ? left : right, path);
      problems.push({ ...missing, message: `The ${a === undefined ? 'left' : 'right'} input has no column "${name}".` });
    } else if (!isKeyType(a.type)) {
      problems.push(
        wrongType(a, 'a type that can be compared', path, 'Take a column of single values: text, a number, a boolean or a time.'),
      );
    } else if (a.type !== b.type) {
      problems.push({
        code: 'wrong_type',
        severity: 'error',
        message: `Column "${name}" is ${a.type} on the left but ${b.type} on the right.`,
        field: path,
        mend: 'Cast one of them in a derive before.',
      });
    } else if (settings.on.indexOf(name) < i) {
      problems.push({
        code: 'duplicate_column',
        severity: 'error',
        message: `Column "${name}" is named twice.`,
        field: path,
        mend: 'Take one of the two out.',
      });
    }
  });
  const names = joinedColumns(left, right, settings, windowed).map((column) => column.name);
  const doubled = [...new Set(names.filter((name, i) => names.indexOf(name) < i))];
  if (doubled.length > 0) {
    problems.push({
      code: 'duplicate_column',
      severity: 'error',
      message: `Both inputs bring ${doubled.map((name) => `"${name}"`).join(', ')}.`,
      field: 'right_prefix',
      mend:
        settings.right_prefix === ''
          ? 'Set a prefix for the right ones, such as "right_".'
          : 'Set another prefix for the right ones.',
    });
  }
  return problems;
}

/** `outer`: sides that may be missing from a row. */
export function joinedFields(
  columns: readonly JoinedColumn[],
  left: Schema,
  right: Schema,
  outer: { readonly left: boolean; readonly right: boolean },
): readonly Field[] {
  return columns.map(({ name, from, source }): Field => {
    const [a, b] = [fieldOf(left, source), fieldOf(right, source)];
    if (from === 'start' || from === 'end') return { name, type: 'timestamp', nullable: false };
    if (from === 'key') return { name, type: a!.type, nullable: a!.nullable || b!.nullable };
    const own = must(from === 'left' ? a : b, `column ${source} is in its input`);
    return { name, type: own.type, nullable: own.nullable || outer[from] };
  });
}

/** Keys of both sides by id; the right columns that come out under another name. */
export function joinReads(left: Schema, right: Schema, settings: JoinSettings, windowed: boolean): readonly Reads[] {
  const keys = Object.fromEntries(settings.on.map((name) => [name, 'dictionary' as const]));
  const renamed = joinedColumns(left, right, settings, windowed).filter(({ name, source }) => name !== source);
  return [keys, { ...keys, ...Object.fromEntries(renamed.map(({ source }) => [source, 'any' as const])) }];
}

/** The layouts of both sides and the maker of joined rows. `sizeUs`: length of the windows of both sides; 0: they have none. */
export function prepareJoin(
  settings: JoinSettings,
  inputs: readonly (InputShape | undefined)[],
  sizeUs: number,
): { readonly layouts: readonly Layout[]; readonly joined: JoinedCells } {
  const [left, right] = [must(inputs[0], 'a join has a left input'), must(inputs[1], 'a join has a right input')];
  const columns = joinedColumns(left.schema, right.schema, settings, sizeUs > 0);
  const fields = joinedFields(columns, left.schema, right.schema, { left: true, right: true });
  return { layouts: [left.layout, right.layout], joined: new JoinedCells(columns, fields, left.layout, right.layout, sizeUs) };
}

/** Makes rows of a join out of the cells of its sides. Columns that nobody reads did not come and do not go. */
export class JoinedCells {
  readonly layout: Layout;
  #parts: readonly { readonly from: JoinedColumn['from']; readonly left: number; readonly right: number }[];
  #sizeUs: number;

  /** `sizeUs`: length of the windows, for their bounds; 0 where there are none */
  constructor(columns: readonly JoinedColumn[], fields: readonly Field[], left: Layout, right: Layout, sizeUs: number) {
    const layout: PhysicalField[] = [];
    const parts: { from: JoinedColumn['from']; left: number; right: number }[] = [];
    columns.forEach(({ from, source }, i) => {
      const a = from === 'right' ? -1 : left.findIndex((field) => field.name === source);
      const b = from === 'left' ? -1 : right.findIndex((field) => field.name === source);
      if (a < 0 && b < 0) return;
      layout.push({ ...fields[i]!, as: (a >= 0 ? left[a] : right[b])!.as });
      parts.push({ from, left: a, right: b });
    });
    this.layout = layout;
    this.#parts = parts;
    this.#sizeUs = sizeUs;
  }

  /** `time` is one µs before the end of the window of a windowed join. */
  cells(left: readonly Cell[] | undefined, right: readonly Cell[] | undefined, time: number): Cell[] {
    return this.#parts.map((part) => {
      switch (part.from) {
        case 'start':
          return time + 1 - this.#sizeUs;
        case 'end':
          return time + 1;
        case 'left':
          return left === undefined ? null : left[part.left]!;
        case 'right':
          return right === undefined ? null : right[part.right]!;
        case 'key':
          return left === undefined ? right![part.right]! : left[part.left]!;
      }
    });
  }
}
