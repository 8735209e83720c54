/**
 * Rows of one batch whose evaluation failed (X3), by physical row. The first failure of a row stays. One object may serve all
 * expressions of a node: `reset` it for each batch, evaluate, then hand the failed rows to `out.dead` and go on with `without`.
 */
export class FailedRows {
  #marked = new Uint8Array(0);
  readonly rows: number[] = [];
  readonly codes: string[] = [];
  readonly sentences: string[] = [];
  #kept = new Int32Array(0);

  get count(): number {
    return this.rows.length;
  }

  /** `length` = physical rows of the batch */
  reset(length: number): void {
    if (this.#marked.length < length) this.#marked = new Uint8Array(Math.max(length, 2048));
    else for (const row of this.rows) this.#marked[row] = 0;
    this.rows.length = 0;
    this.codes.length = 0;
    this.sentences.length = 0;
  }

  mark(row: number, code: string, sentence: string): void {
    if (this.#marked[row] === 1) return;
    this.#marked[row] = 1;
    this.rows.push(row);
    this.codes.push(code);
    this.sentences.push(sentence);
  }

  has(row: number): boolean {
    return this.#marked[row] === 1;
  }

  /** The rows that did not fail: `rows` itself when none did, else an array that is reused by the next call. */
  without(rows: Int32Array, count: number): { readonly rows: Int32Array; readonly count: number } {
    if (this.rows.length === 0) return { rows, count };
    if (this.#kept.length < count) this.#kept = new Int32Array(count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (this.#marked[row] === 0) this.#kept[kept++] = row;
    }
    return { rows: this.#kept, count: kept };
  }
}
