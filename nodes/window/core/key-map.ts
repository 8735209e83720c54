import { grownInts } from '../../kit/growing.ts';
import type { KeyTable } from '../../kit/keys.ts';

interface Translation {
  into: Int32Array<ArrayBuffer>;
  /** keys of the partition translated so far */
  known: number;
  back: Int32Array<ArrayBuffer>;
}

/** Keys of partitions as keys of the combination and back. Every key is translated once, by its bytes. */
export class KeyMap {
  readonly table: KeyTable;
  #maps = new WeakMap<KeyTable, Translation>();

  constructor(table: KeyTable) {
    this.table = table;
  }

  /** Key here by key there; covers all keys that `from` has now. */
  into(from: KeyTable): Int32Array {
    return this.#map(from).into;
  }

  /** Key there by key here, −1 where `from` has no such key. */
  back(from: KeyTable): Int32Array {
    const map = this.#map(from);
    map.back = grownInts(map.back, this.table.size, -1);
    return map.back;
  }

  #map(from: KeyTable): Translation {
    let map = this.#maps.get(from);
    if (map === undefined) {
      map = { into: new Int32Array(0), known: 0, back: new Int32Array(0) };
      this.#maps.set(from, map);
    }
    if (map.known < from.size) {
      map.into = grownInts(map.into, from.size, -1);
      for (; map.known < from.size; map.known++) {
        const key = this.table.dictionary.adopt(from.dictionary, map.known);
        map.into[map.known] = key;
        map.back = grownInts(map.back, key + 1, -1);
        map.back[key] = map.known;
      }
    }
    return map;
  }
}
