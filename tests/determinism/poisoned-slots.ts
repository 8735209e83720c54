import {
  allRows,
  Batch,
  BooleanColumn,
  BytesColumn,
  ListColumn,
  NumberColumn,
  TextColumn,
  type Column,
} from '../../engine/model/batch.ts';
import { Dictionary } from '../../engine/model/dictionary.ts';
import type { Type } from '../../engine/model/type.ts';
import type { AggregateState } from '../../engine/stream/aggregate.ts';
import { aggregateFunctions } from '../../nodes/kit/aggregates/functions.ts';

/**
 * From now on every state takes rubbish into its slots just before it clears them. A state that leaves anything behind, or a
 * result that depends on the former use of a slot, shows up as a wrong row.
 */
export function poisonClearedSlots(): void {
  for (const entry of aggregateFunctions) {
    const { state } = entry;
    Object.assign(entry, {
      state: (call: Parameters<typeof state>[0]) => {
        const create = state(call);
        return () => poisoned(create(), call.argument);
      },
    });
  }
}

function poisoned(state: AggregateState, type: Type | undefined): AggregateState {
  const clear = state.clear.bind(state);
  state.clear = (slots, count) => {
    for (let round = 0; round < 2; round++)
      state.accumulate(slots.slice(0, count), allRows(count), count, rubbish(type, count), batch(count, round));
    clear(slots, count);
  };
  return state;
}

function rubbish(type: Type | undefined, count: number): Column | undefined {
  if (type === undefined) return undefined;
  const dictionary = new Dictionary();
  const ids = new Int32Array(count).fill(dictionary.internText('☠ rubbish'));
  switch (type) {
    case 'text':
      return new TextColumn(ids, dictionary);
    case 'boolean':
      return new BooleanColumn(new Uint8Array(count).fill(count % 2), undefined);
    case 'text[]':
      return new ListColumn(
        Int32Array.from({ length: count + 1 }, (_, i) => i),
        ids,
        dictionary,
        undefined,
      );
    case 'json':
      return new BytesColumn(new Int32Array(count), new Int32Array(count).fill(2), new Uint8Array([0x31, 0x32]), 'json');
    default:
      return new NumberColumn(new Float64Array(count).fill(1e15), undefined);
  }
}

function batch(count: number, round: number): Batch {
  return new Batch({
    origin: { source: 0, partition: 0 },
    columns: [],
    length: count,
    rows: allRows(count),
    count,
    times: new Float64Array(count).fill(round === 0 ? -9e15 : 9e15),
    offsets: new Float64Array(count).fill(round),
    watermarks: new Float64Array(count),
    minTime: 0,
    lastWatermark: 0,
    raw: undefined,
  });
}
