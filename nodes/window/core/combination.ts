import type { Context, SnapshotOut } from '../../../engine/stream/operator.ts';
import { PieceReader, PieceWriter } from '../../kit/byte-io.ts';
import { KeyTable } from '../../kit/keys.ts';
import { CHUNK_SHIFT, SlotStore } from '../../kit/slot-store.ts';
import { KeyMap } from './key-map.ts';
import { Results } from './results.ts';
import type { Shared } from './shared.ts';
import { checkLimits } from './state-limit.ts';

/** A combination's key table is made anew when it holds so many keys more than the partitions do. */
const STALE_KEYS = 4096;
const PORTS = 2;
const writer = new PieceWriter();

/** What the final half needs of a partition's state, whatever its windows are. */
interface PartitionStore {
  readonly keys: KeyTable;
  readonly liveKeys: number;
  bytes(): number;
}

/** What every final half has: slots to combine in, their keys beside those of the partitions, and how far it has sent. */
export class Combination<Store extends PartitionStore> {
  readonly scratch: SlotStore;
  readonly results: Results;
  map: KeyMap;
  /** windows that end at or before it are closed */
  closed = -Infinity;
  readonly #shared: Shared<Store>;
  #saved = '';

  constructor(shared: Shared<Store>, context: Context) {
    this.#shared = shared;
    this.scratch = new SlotStore(shared.aggregation.keyTypes, shared.creates());
    this.map = new KeyMap(this.scratch.keys);
    this.results = new Results(shared.aggregation, context, PORTS);
  }

  /** Makes room for a slot that stands right behind those in use. */
  reach(slot: number): void {
    if (slot >> CHUNK_SHIFT >= this.scratch.chunks) this.scratch.takeChunk();
  }

  /** Forgets the keys that no partition has any more, once they are many. `moved`: keys have new numbers. */
  renewKeys(moved: (from: KeyTable, to: KeyTable) => void = () => {}): void {
    let keys = 0;
    for (const { store } of this.#shared.halves) keys += store.keys.size;
    const old = this.scratch.keys;
    if (old.size <= 2 * keys + STALE_KEYS) return;
    this.scratch.keys = new KeyTable(old.types);
    moved(old, this.scratch.keys);
    this.map = new KeyMap(this.scratch.keys);
  }

  /** [T3] [W5] `bytes`: memory of the final half itself. */
  endEpoch(bytes: number): void {
    this.#shared.floor = this.closed;
    let keys = 0;
    let all = bytes;
    for (const { store } of this.#shared.halves) {
      keys += store.liveKeys;
      all += store.bytes();
    }
    checkLimits(this.#shared.limits, keys, all);
  }

  /** [W2] For inspection: nothing where no aggregate is bounded. */
  cuts(): { readonly cutArrays?: number } {
    return this.scratch.states.some((state) => state.cutAmong !== undefined) ? { cutArrays: this.results.cutArrays } : {};
  }

  snapshot(out: SnapshotOut): void {
    const state = [this.closed, ...this.results.offsets];
    if (state.join() === this.#saved) return;
    this.#saved = state.join();
    writer.begin();
    for (const value of state) writer.f64(value);
    out.put('progress', writer.take());
  }

  restore(bytes: Uint8Array): void {
    const reader = new PieceReader(bytes);
    this.closed = reader.f64();
    this.#shared.floor = this.closed;
    for (let port = 0; port < PORTS; port++) this.results.offsets[port] = reader.f64();
    this.#saved = [this.closed, ...this.results.offsets].join();
  }
}
