import type { NodeMeter } from '../../engine/model/run-event.ts';
import type { RunSay } from '../../engine/stream/run-parts.ts';

export interface Terminal {
  write(text: string): void;
  readonly columns: number;
}

/** The one line that a terminal shows while a pipeline runs: events a second, lag, watermark, epoch, checkpoint. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #shown = false;
  #lastRows = 0;
  #lastMs: number | undefined;
  #rate = 0;
  #line = '';

  constructor(terminal: Terminal, monotonicMs: () => number) {
    this.#terminal = terminal;
    this.#now = monotonicMs;
  }

  /** Something that stays: printed above the progress line. */
  print(text: string): void {
    this.clear();
    this.#terminal.write(`${text}\n`);
    this.#draw();
  }

  clear(): void {
    if (this.#shown) this.#terminal.write('\r\u001b[2K');
    this.#shown = false;
  }

  meters(event: Extract<RunSay, { type: 'meters' }>): void {
    const nodes = Object.values(event.nodes);
    const sources = nodes.filter((node) => node.partitions !== undefined);
    const rows = sources.reduce((sum, node) => sum + node.ledger.in, 0);
    const now = this.#now();
    if (this.#lastMs !== undefined && now > this.#lastMs) {
      const rate = ((rows - this.#lastRows) * 1000) / (now - this.#lastMs);
      this.#rate = this.#rate * 0.6 + rate * 0.4;
    }
    this.#lastMs = now;
    this.#lastRows = rows;
    const dead = nodes.reduce((sum, node) => sum + node.ledger.dead, 0);
    const late = nodes.reduce((sum, node) => sum + node.ledger.late, 0);
    const parts = [
      counted(rows, 'event'),
      `${count(Math.round(this.#rate))}/s`,
      lagText(sources),
      watermarkText(sources),
      `epoch ${count(event.epoch)}`,
    ];
    if (late > 0) parts.push(`${count(late)} late`);
    if (dead > 0) parts.push(counted(dead, 'dead letter'));
    const held = nodes.find((node) => node.heldBy !== undefined)?.heldBy;
    if (held !== undefined) parts.push(`held: ${held}`);
    this.#line = parts.filter((part) => part !== '').join('  ·  ');
    this.clear();
    this.#draw();
  }

  #draw(): void {
    if (this.#line === '') return;
    this.#terminal.write(this.#line.slice(0, Math.max(20, this.#terminal.columns - 1)));
    this.#shown = true;
  }
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 event`, `2 events` */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? '' : 's'}`;
}

function lagText(sources: readonly NodeMeter[]): string {
  const known = sources.filter((source) => source.lag !== undefined);
  return known.length === 0 ? '' : `lag ${count(known.reduce((sum, source) => sum + source.lag!, 0))}`;
}

function watermarkText(sources: readonly NodeMeter[]): string {
  const known = sources.flatMap((source) => (source.watermark === undefined ? [] : [source.watermark]));
  return known.length === 0 ? '' : `watermark ${new Date(Math.min(...known) / 1000).toISOString().slice(11, 19)}`;
}
