import { firstAfter, type HeldRow } from '../../kit/hold.ts';

/** Rows of one side by key, each key's in the order of decision. */
export class SideIndex {
  #rows = new Map<string, HeldRow[]>();

  add(key: string, row: HeldRow): void {
    const rows = this.#rows.get(key);
    if (rows === undefined) this.#rows.set(key, [row]);
    else rows.splice(firstAfter(rows, 0, row), 0, row);
  }

  /** Takes out this key's rows with time < `before`. */
  dropBefore(key: string, before: number): void {
    const rows = this.#rows.get(key);
    if (rows === undefined) return;
    let gone = 0;
    while (gone < rows.length && rows[gone]!.time < before) gone++;
    if (gone === rows.length) this.#rows.delete(key);
    else if (gone > 0) rows.splice(0, gone);
  }

  /** This key's rows with from ≤ time ≤ to, in order. */
  between(key: string, from: number, to: number): readonly HeldRow[] {
    const rows = this.#rows.get(key);
    if (rows === undefined) return [];
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]!.time < from) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < rows.length && rows[end]!.time <= to) end++;
    return rows.slice(low, end);
  }
}
