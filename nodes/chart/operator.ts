import { must } from '../../engine/model/assert.ts';
import type { Batch, Layout } from '../../engine/model/batch.ts';
import { formatTimestamp } from '../../engine/model/timestamp.ts';
import type { OperatorModule } from '../../engine/stream/operator.ts';
import { columnIndexes, rowKey } from '../kit/row-key.ts';
import { jsonAt } from '../kit/values.ts';
import type { ChartSettings } from './definition.ts';
import { Stateless } from '../kit/stateless.ts';

export const operator: OperatorModule<ChartSettings> = {
  prepare(settings, inputs) {
    const { schema, layout } = must(inputs[0], 'a chart has one input');
    const key = schema.mode.kind === 'updates' ? columnIndexes(layout, schema.mode.key) : undefined;
    return { outputs: [], whole: true, create: () => new Chart(settings.points, layout, schema.timed, key) };
  },
};

interface Point {
  /** event time, RFC 3339; null on an untimed edge */
  readonly time: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** [K8] The newest rows, or the newest version of each row, for the page to ask for. Not part of any checkpoint. */
class Chart extends Stateless {
  #points: number;
  #layout: Layout;
  #timed: boolean;
  #key: readonly number[] | undefined;
  /** in order of arrival; a new version of a row moves to the end */
  #rows = new Map<string, Point>();
  #seen = 0;

  constructor(points: number, layout: Layout, timed: boolean, key: readonly number[] | undefined) {
    super();
    this.#points = points;
    this.#layout = layout;
    this.#timed = timed;
    this.#key = key;
  }

  override onBatch(_input: number, batch: Batch): void {
    // of an append edge only the last rows of a batch can be among the newest
    const first = this.#key === undefined ? Math.max(0, batch.count - this.#points) : 0;
    for (let i = first; i < batch.count; i++) {
      const row = batch.rows[i]!;
      const key = this.#key === undefined ? String(this.#seen + i) : rowKey(batch, row, this.#key);
      this.#rows.delete(key);
      this.#rows.set(key, {
        time: this.#timed ? formatTimestamp(batch.times[row]!) : null,
        values: Object.fromEntries(this.#layout.map((field, c) => [field.name, jsonAt(batch.columns[c]!, row, field.type)])),
      });
    }
    this.#seen += batch.count;
    for (const key of this.#rows.keys()) {
      if (this.#rows.size <= this.#points) break;
      this.#rows.delete(key);
    }
  }

  override inspect(limit: number): unknown {
    return { seen: this.#seen, rows: [...this.#rows.values()].slice(-limit) };
  }
}
