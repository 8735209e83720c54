import { Dictionary } from '../../../engine/model/dictionary.ts';

/** A dictionary of a mixed space is dropped, once no id of it is alive, when it holds more texts than this. */
const KEEP_TEXTS = 65_536;

/**
 * The dictionary that the ids of one state refer to, and translation from those of other states.
 * A state that combines from one other only borrows that one's dictionary, so nothing is translated; as soon as it meets two at a
 * time it has a dictionary of its own for good, so that no source's dictionary is filled with the texts of another.
 */
export class IdSpace {
  dictionary: Dictionary | undefined;
  #mixed = false;
  #maps = new WeakMap<Dictionary, Int32Array>();

  take(dictionary: Dictionary | undefined): void {
    this.dictionary = dictionary;
    this.#maps = new WeakMap();
  }

  /** The dictionary, made when there is none yet. */
  own(): Dictionary {
    if (this.dictionary === undefined) this.take(new Dictionary());
    return this.dictionary!;
  }

  /**
   * Before ids of `other` come in by combine. `live`: ids of this space are held. Returns the dictionary that the caller must
   * rebase its live ids to, or undefined when they stay.
   */
  meet(other: Dictionary, live: boolean): Dictionary | undefined {
    if (this.dictionary === other) return undefined;
    if (!live) {
      if (!this.#mixed) this.take(other);
      else if (this.own().size > KEEP_TEXTS) this.take(new Dictionary());
      return undefined;
    }
    if (this.#mixed) return undefined;
    this.#mixed = true;
    return new Dictionary();
  }

  /** own id of another dictionary's id; cached by dictionary, −1 stays −1 */
  translate(other: Dictionary, id: number): number {
    if (id < 0 || other === this.dictionary) return id;
    let map = this.#maps.get(other);
    if (map === undefined || id >= map.length) {
      const grown = new Int32Array(Math.max(64, other.size + (other.size >> 2))).fill(-1);
      if (map !== undefined) grown.set(map);
      map = grown;
      this.#maps.set(other, map);
    }
    const known = map[id]!;
    if (known >= 0) return known;
    const found = this.own().adopt(other, id);
    map[id] = found;
    return found;
  }
}
