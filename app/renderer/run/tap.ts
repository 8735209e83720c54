import type { TapRow } from '../../../engine/model/run-event.ts';

export const KEPT_ROWS = 300;

export type TapLine = { readonly row: TapRow; readonly key: string } | { readonly gap: string; readonly key: string };

/** Rows of one edge, newest first. `seen` counts all rows that passed, `lines` holds a sample of them. */
export class Tap {
  readonly node: string;
  readonly port: string;
  lines: TapLine[] = [];
  seen = 0;
  /** rows that came while it was held */
  held = false;
  users = 0;
  /** wall clock of opening and of the newest row, ms */
  openedAt = Date.now();
  newestAt: number | undefined;
  #next = 1;

  constructor(node: string, port: string) {
    this.node = node;
    this.port = port;
  }

  take(rows: readonly TapRow[], seen: number, at: number): void {
    this.seen += seen;
    if (rows.length > 0) this.newestAt = at;
    if (this.held) return;
    for (const row of rows) this.lines.unshift({ row, key: String(this.#next++) });
    if (this.lines.length > KEPT_ROWS) this.lines.length = KEPT_ROWS;
  }

  /** The tap was shut for a while: said in the table, never hidden. */
  mark(text: string): void {
    if (this.lines.length === 0 || 'gap' in this.lines[0]!) return;
    this.lines.unshift({ gap: text, key: `gap${this.#next++}` });
  }
}
