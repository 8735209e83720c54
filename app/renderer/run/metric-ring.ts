import type { NodeMeter } from '../../../engine/model/run-event.ts';
import type { MetricHistory } from '../../protocol/run.ts';

/** 15 minutes at one sample a second. */
export const RING = 900;

export type Metric =
  | 'in'
  | 'used'
  | 'filtered'
  | 'late'
  | 'dead'
  | 'held'
  | 'watermark'
  | 'batchP99Ms'
  | 'stateBytes'
  | 'lag'
  | 'outboxBytes'
  | `out${number}`;

/**
 * Meters of all nodes as columns of numbers: slot i of every column belongs to `times[i]`. NaN = not known.
 * `back` counts from the newest sample (0) into the past.
 */
export class MetricRing {
  readonly times = new Float64Array(RING).fill(Number.NaN);
  readonly #columns = new Map<string, Map<Metric, Float64Array>>();
  #next = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** wall clock, ms */
  timeAt(back: number): number {
    return back < this.#count ? this.times[this.#slot(back)]! : Number.NaN;
  }

  valueAt(node: string, metric: Metric, back: number): number {
    if (back >= this.#count) return Number.NaN;
    return this.#columns.get(node)?.get(metric)?.[this.#slot(back)] ?? Number.NaN;
  }

  push(at: number, nodes: Readonly<Record<string, NodeMeter>>): void {
    const slot = this.#next;
    this.times[slot] = at;
    for (const columns of this.#columns.values()) for (const column of columns.values()) column[slot] = Number.NaN;
    for (const [node, meter] of Object.entries(nodes)) {
      const put = (metric: Metric, value: number | undefined) => {
        if (value !== undefined) this.#column(node, metric)[slot] = value;
      };
      put('in', meter.ledger.in);
      put('used', meter.ledger.used);
      put('filtered', meter.ledger.filtered);
      put('late', meter.ledger.late);
      put('dead', meter.ledger.dead);
      put('held', meter.ledger.held);
      put('watermark', meter.watermark);
      put('batchP99Ms', meter.batchP99Ms);
      put('stateBytes', meter.stateBytes);
      put('lag', meter.lag);
      put('outboxBytes', meter.outbox?.bytes);
      meter.out.forEach((rows, port) => put(`out${port}`, rows));
    }
    this.#next = (slot + 1) % RING;
    this.#count = Math.min(RING, this.#count + 1);
  }

  /** What the server kept, before the first own sample. */
  fill(history: MetricHistory): void {
    this.clear();
    history.at.slice(-RING).forEach((at, index) => {
      const i = index + Math.max(0, history.at.length - RING);
      const slot = this.#next;
      this.times[slot] = at;
      for (const [node, columns] of Object.entries(history.nodes)) {
        const put = (metric: Metric, value: number | null | undefined) => {
          this.#column(node, metric)[slot] = value ?? Number.NaN;
        };
        for (const metric of ['in', 'used', 'late', 'dead', 'held', 'batchP99Ms', 'stateBytes', 'watermark', 'lag'] as const)
          put(metric, columns[metric][i]);
        columns.out.forEach((rows, port) => put(`out${port}`, rows[i]));
      }
      this.#next = (slot + 1) % RING;
      this.#count = Math.min(RING, this.#count + 1);
    });
  }

  clear(): void {
    this.#columns.clear();
    this.#next = 0;
    this.#count = 0;
  }

  /** Growth a second of a counter between `back` and `windowMs` before it; NaN: too few samples. A counter that fell began anew. */
  rate(node: string, metric: Metric, back: number, windowMs: number): number {
    const now = this.timeAt(back);
    const value = this.valueAt(node, metric, back);
    if (Number.isNaN(value)) return Number.NaN;
    for (let past = back + 1; past < this.#count; past++) {
      const at = this.timeAt(past);
      if (now - at < windowMs - 250 && past + 1 < this.#count) continue;
      const before = this.valueAt(node, metric, past);
      if (Number.isNaN(before) || value < before || now <= at) return Number.NaN;
      return ((value - before) * 1000) / (now - at);
    }
    return Number.NaN;
  }

  #slot(back: number): number {
    return (this.#next - 1 - back + 2 * RING) % RING;
  }

  #column(node: string, metric: Metric): Float64Array {
    let columns = this.#columns.get(node);
    if (columns === undefined) this.#columns.set(node, (columns = new Map()));
    let column = columns.get(metric);
    if (column === undefined) columns.set(metric, (column = new Float64Array(RING).fill(Number.NaN)));
    return column;
  }
}
