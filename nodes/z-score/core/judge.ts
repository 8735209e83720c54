import { assert } from '../../../engine/model/assert.ts';
import type { SnapshotOut } from '../../../engine/stream/operator.ts';
import { durationUs } from '../../../engine/model/duration.ts';
import { KeyedBlocks, type Entry } from '../../kit/keyed-blocks.ts';
import type { PieceReader } from '../../kit/piece-io.ts';
import type { ZScoreSettings } from '../definition.ts';
import { scoreOf, spreadOf } from './baseline.ts';

/** What is known of one key. */
interface Series {
  /** rows seen so far; row n belongs to ring n mod k */
  seen: number;
  /** event time of the newest row, µs */
  last: number;
  /** the row before was an anomaly (report: onset) */
  anomalous: boolean;
  /** [Z2] k rings, oldest value first: ring n mod k holds what row n is compared with */
  rings: number[][];
}

const SERIES_BYTES = 96;
const RING_BYTES = 40;

/** The verdict on one row; reused by the next call. */
export interface Verdict {
  /** NaN = NULL for these three */
  z: number;
  mean: number;
  stddev: number;
  anomaly: boolean;
  /** goes to port anomalies */
  reported: boolean;
  /** the baseline was there, but the numbers leave what a float can hold: the row is dead */
  failed: boolean;
}

/** [Z1–Z6] Baselines by key, fed in event-time order. */
export class Judge {
  readonly verdict: Verdict = {
    z: Number.NaN,
    mean: Number.NaN,
    stddev: Number.NaN,
    anomaly: false,
    reported: false,
    failed: false,
  };
  #settings: ZScoreSettings;
  #floor: number | undefined;
  #k: number;
  #forgetUs: number;
  #series: KeyedBlocks<Series>;

  /** `k`: the baseline takes every k-th row */
  constructor(settings: ZScoreSettings, k: number) {
    this.#settings = settings;
    this.#floor = settings.min_stddev === '' ? undefined : Number(settings.min_stddev);
    this.#k = k;
    this.#forgetUs = durationUs(settings.forget_after);
    this.#series = new KeyedBlocks<Series>(
      {
        write: (series, out) => {
          out.f64(series.seen);
          out.f64(series.last);
          out.u8(series.anomalous ? 1 : 0);
          out.u32(this.#k);
          for (const ring of series.rings) {
            out.u32(ring.length);
            for (const value of ring) out.f64(value);
          }
        },
        read: (input) => this.#read(input),
        expiry: (series) => series.last + this.#forgetUs,
        bytes: (series) => SERIES_BYTES + series.rings.reduce((sum, ring) => sum + RING_BYTES + ring.length * 8, 0),
      },
      this.#forgetUs,
    );
  }

  /** The next row of a key, in event-time order; value NaN = NULL. */
  judge(key: string, value: number, time: number): Verdict {
    const entry = this.#seriesOf(key, time);
    const series = entry.value;
    assert(time >= series.last, 'rows of a key are judged in event-time order');
    const ring = series.rings[series.seen % this.#k]!;
    const { verdict } = this;
    verdict.z = verdict.mean = verdict.stddev = Number.NaN;
    verdict.anomaly = verdict.reported = verdict.failed = false;
    if (ring.length >= this.#settings.min_samples) {
      const spread = spreadOf(ring);
      verdict.mean = spread.mean;
      verdict.stddev = spread.stddev;
      if (!Number.isNaN(value)) verdict.z = scoreOf(value, spread, this.#floor);
      verdict.failed = !Number.isFinite(verdict.mean) || !Number.isFinite(verdict.stddev) || Math.abs(verdict.z) === Infinity;
      verdict.anomaly = !verdict.failed && this.#isAnomaly(verdict.z);
    }
    verdict.reported = verdict.anomaly && (this.#settings.report === 'every' || !series.anomalous);
    series.anomalous = verdict.anomaly;
    series.last = time;
    let grown = 0;
    const qualifies = !Number.isNaN(value) && !verdict.failed && series.seen >= this.#k - 1;
    if (qualifies && !(verdict.anomaly && this.#settings.exclude_anomalies)) {
      if (ring.push(value) > this.#settings.baseline) ring.shift();
      else grown = 8;
    }
    series.seen++;
    this.#series.changed(entry, grown);
    return verdict;
  }

  expire(watermark: number): void {
    this.#series.expire(watermark);
  }

  get keys(): number {
    return this.#series.size;
  }

  bytes(): number {
    return this.#series.bytes();
  }

  inspect(limit: number): unknown[] {
    const shown: unknown[] = [];
    for (const { key, value } of this.#series.values()) {
      if (shown.length >= limit) break;
      shown.push({ key: key.replaceAll('\u0000', ' ').trim(), rows: value.seen, baseline: value.rings[value.seen % this.#k] });
    }
    return shown;
  }

  snapshot(out: SnapshotOut): void {
    this.#series.snapshot(out);
  }

  restore(key: string, bytes: Uint8Array): boolean {
    return this.#series.restore(key, bytes);
  }

  settle(): void {
    this.#series.settle();
  }

  /** A key that has been silent for longer than `forget_after` starts anew, whether or not the sweep has come by. */
  #seriesOf(key: string, time: number): Entry<Series> {
    const known = this.#series.get(key);
    if (known !== undefined && time <= known.value.last + this.#forgetUs) return known;
    if (known !== undefined) this.#series.delete(known);
    return this.#series.add(key, {
      seen: 0,
      last: time,
      anomalous: false,
      rings: Array.from({ length: this.#k }, () => []),
    });
  }

  /** Settings may have changed since: a shorter baseline keeps the newest rows, other windows upstream start anew. */
  #read(input: PieceReader): Series {
    const series: Series = { seen: input.f64(), last: input.f64(), anomalous: input.u8() === 1, rings: [] };
    const k = input.u32();
    for (let n = 0; n < k; n++) {
      const ring = Array.from({ length: input.u32() }, () => input.f64());
      series.rings.push(ring.slice(-this.#settings.baseline));
    }
    return k === this.#k ? series : { ...series, seen: 0, anomalous: false, rings: Array.from({ length: this.#k }, () => []) };
  }

  #isAnomaly(z: number): boolean {
    const { direction, threshold } = this.#settings;
    if (direction === 'high') return z > threshold;
    if (direction === 'low') return z < -threshold;
    return Math.abs(z) > threshold;
  }
}
