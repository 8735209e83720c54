import type { Column } from '../../engine/model/batch.ts';
import { decodeUtf8 } from '../../engine/model/dictionary.ts';
import { scaleOf, type Type } from '../../engine/model/type.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';

/** Single values out of columns, for the slow places: sinks, taps, keys of rare rows. Loops over rows read the arrays themselves. */

export function isNull(column: Column, row: number): boolean {
  switch (column.kind) {
    case 'number':
    case 'boolean':
      return column.nulls !== undefined && column.nulls[row] === 1;
    case 'text':
      return column.ids[row]! < 0;
    case 'bytes':
      return column.start[row]! < 0;
    case 'list':
      return column.nulls !== undefined && column.nulls[row] === 1;
  }
}

/** text of a text column in either representation; undefined = NULL */
export function textAt(column: Column, row: number): string | undefined {
  if (column.kind === 'text') {
    const id = column.ids[row]!;
    return id < 0 ? undefined : column.dictionary.string(id);
  }
  if (column.kind === 'bytes') {
    const from = column.start[row]!;
    if (from < 0) return undefined;
    const text = decodeUtf8(column.bytes, from, column.end[row]!);
    return column.form === 'json-string' && text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  }
  throw new Error(`bug: a ${column.kind} column read as text`);
}

/** The value as JSON data: timestamps RFC 3339 in UTC, decimals as numbers, json parsed; null = NULL. For taps and examples. */
export function jsonAt(column: Column, row: number, type: Type): unknown {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case 'number': {
      const value = column.values[row]!;
      if (type === 'timestamp') return formatTimestamp(value);
      const scale = scaleOf(type);
      return scale === 0 ? value : Number(decimalText(value, scale));
    }
    case 'boolean':
      return column.values[row] === 1;
    case 'text': {
      const text = column.dictionary.string(column.ids[row]!);
      return type === 'json' ? (JSON.parse(text) as unknown) : text;
    }
    case 'bytes': {
      if (column.form === 'json') return JSON.parse(decodeUtf8(column.bytes, column.start[row]!, column.end[row]!)) as unknown;
      return textAt(column, row);
    }
    case 'list': {
      const list: (string | null)[] = [];
      for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++) {
        const id = column.ids[i]!;
        list.push(id < 0 ? null : column.dictionary.string(id));
      }
      return list;
    }
  }
}

/** JSON text of one value, exact: decimals with all their digits, json bytes as they are. */
export function jsonTextAt(column: Column, row: number, type: Type): string {
  if (isNull(column, row)) return 'null';
  switch (column.kind) {
    case 'number': {
      const value = column.values[row]!;
      if (type === 'timestamp') return `"${formatTimestamp(value)}"`;
      const scale = scaleOf(type);
      return scale === 0 ? numberText(value) : decimalText(value, scale);
    }
    case 'boolean':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'bytes': {
      const text = decodeUtf8(column.bytes, column.start[row]!, column.end[row]!);
      if (column.form === 'json') return text;
      return column.form === 'json-string' ? `"${text}"` : JSON.stringify(text);
    }
    case 'text':
      // json that was computed from ids comes as their texts
      if (type === 'json') return column.dictionary.string(column.ids[row]!);
      return JSON.stringify(column.dictionary.string(column.ids[row]!));
    case 'list':
      return JSON.stringify(jsonAt(column, row, type));
  }
}

/** A scaled integer as decimal text: (1999, 2) → "19.99". */
export function decimalText(scaled: number, scale: number): string {
  if (scale === 0) return numberText(scaled);
  const negative = scaled < 0 ? '-' : '';
  const digits = Math.abs(scaled)
    .toString()
    .padStart(scale + 1, '0');
  return `${negative}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
