import type { Batch, Column, Layout } from '../../engine/model/batch.ts';
import type { TapRow } from '../../engine/model/run-event.ts';
import type { Schema } from '../../engine/model/schema.ts';
import { parseTimestamp } from '../../engine/model/timestamp.ts';
import { scaleOf, type Type } from '../../engine/model/type.ts';
import { BatchBuilder } from '../../nodes/kit/batch-builder.ts';
import type { Cell } from '../../nodes/kit/cell.ts';
import { physicalFields } from '../../nodes/kit/physical-fields.ts';
import { jsonAt } from '../../nodes/kit/values.ts';

/** One row that a tap has shown, as a batch that an expression can be evaluated on. */
export function rowBatch(
  schema: Schema,
  row: TapRow,
): { readonly batch: Batch; readonly layout: Layout; readonly valueOf: (column: Column, type: Type) => unknown } {
  const layout: Layout = physicalFields(schema.fields);
  const cells = schema.fields.map((field) => cellOf(row.values[field.name], field.type));
  const batch = new BatchBuilder(0, layout).build([{ time: row.time, cells }], 0, -Infinity);
  return { batch, layout, valueOf: (column, type) => jsonAt(column, 0, type) };
}

/** JSON data of a tap back to a cell; what does not fit the type counts as NULL, because it is only looked at. */
function cellOf(value: unknown, type: Type): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'timestamp':
      return typeof value === 'string' ? (parseTimestamp(value) ?? null) : null;
    case 'json':
      return JSON.stringify(value);
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'text[]':
      return Array.isArray(value) ? value.map((each) => (typeof each === 'string' ? each : null)) : null;
    default: {
      const number = typeof value === 'number' ? value : Number(value);
      return Number.isFinite(number) ? scaled(number, type) : null;
    }
  }
}

function scaled(number: number, type: Type): number {
  const scale = scaleOf(type);
  return scale === 0 ? number : Math.round(number * 10 ** scale);
}
