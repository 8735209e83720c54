import type { CheckpointStore, EpochRecord, Manifest, OutboxEntry, OutboxState } from './checkpoint.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { StatePiece } from './graph.ts';

/** A checkpoint store without a disk: for tests, benchmarks and dry runs. Loses everything with its process. */
export class MemoryStore implements CheckpointStore {
  readonly lineage: string;
  readonly dead: DeadLetter[] = [];
  readonly #pieces = new Map<string, StatePiece>();
  readonly #outboxes = new Map<string, OutboxEntry[]>();
  #manifest: Manifest | undefined;

  constructor(lineage = 'memory') {
    this.lineage = lineage;
  }

  manifest(): Manifest | undefined {
    return this.#manifest;
  }

  pieces(): Iterable<StatePiece> {
    return this.#pieces.values();
  }

  hasState(node: string): boolean {
    for (const piece of this.#pieces.values()) if (piece.node === node) return true;
    return false;
  }

  forget(node: string): void {
    for (const [id, piece] of this.#pieces) if (piece.node === node) this.#pieces.delete(id);
  }

  commit(record: EpochRecord): { readonly bytes: number } {
    let bytes = 0;
    for (const piece of record.pieces) {
      const id = JSON.stringify([piece.node, piece.lane, piece.key]);
      if (piece.bytes === undefined) this.#pieces.delete(id);
      else {
        this.#pieces.set(id, { ...piece, bytes: piece.bytes.slice() });
        bytes += piece.bytes.length;
      }
    }
    for (const entry of record.outboxes) {
      const list = this.#outboxes.get(entry.node) ?? [];
      list.push(entry);
      this.#outboxes.set(entry.node, list);
    }
    this.dead.push(...record.dead);
    this.#manifest = JSON.parse(JSON.stringify(record.manifest)) as Manifest;
    return { bytes };
  }

  outboxState(node: string): OutboxState {
    const kept = (this.#outboxes.get(node) ?? []).map(({ epoch, rows, inputRows, bytes }) => ({
      epoch,
      rows,
      inputRows,
      bytes: bytes.length,
    }));
    return { trimmed: 0, kept };
  }

  outbox(node: string, epoch: number): OutboxEntry | undefined {
    return this.#outboxes.get(node)?.find((entry) => entry.epoch === epoch);
  }

  acknowledged(_node: string, _epoch: number, _nowMs: number, refused: readonly DeadLetter[]): void {
    this.dead.push(...refused);
  }
}
