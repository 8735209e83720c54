import { Fault } from '../model/fault.ts';
import type { Fence, RefusedRow, SinkWriter } from './connector.ts';
import type { CheckpointStore, OutboxEntry } from './checkpoint.ts';
import type { Outbox } from './operator.ts';

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** outboxes above this sum are read back from the store instead of being kept in memory */
const KEEP_IN_MEMORY_BYTES = 32 * 1024 * 1024;

export interface PumpHost {
  nowMs(): number;
  monotonicMs(): number;
  sleep(ms: number): Promise<void>;
  random(): number;
  report(level: 'info' | 'warn' | 'error', text: string): void;
}

/** The view of a sink that should hold nothing now. */
export const NO_ROWS: Outbox = { rows: 0, bytes: new Uint8Array(0) };

interface Pending {
  readonly epoch: number;
  readonly inputRows: number;
  readonly bytes: number;
  /** [E5] everything that the sink should hold, for one that had lost its data */
  readonly whole: boolean;
  entry: OutboxEntry | undefined;
}

/**
 * Pushes the outbox of one sink in epoch order while computing goes on (E2). A sink that cannot be reached is tried again,
 * 100 ms to 10 s apart (E10); anything else ends the run through `failure`.
 */
export class SinkPump {
  readonly node: string;
  readonly #writer: SinkWriter;
  readonly #store: CheckpointStore;
  readonly #host: PumpHost;
  readonly #onAcknowledged: (entry: OutboxEntry, refused: readonly RefusedRow[]) => void;
  readonly #queue: Pending[] = [];
  #fence: Fence;
  #bytes = 0;
  #busy: Promise<void> | undefined;
  #stopped = false;
  #inMemory = 0;
  /** why the sink takes nothing at the moment */
  waiting: string | undefined;
  /** monotonic ms since when it has been waiting */
  waitingSinceMs = 0;
  failure: Fault | undefined;
  #lost = false;

  constructor(
    node: string,
    writer: SinkWriter,
    fence: Fence,
    store: CheckpointStore,
    host: PumpHost,
    onAcknowledged: (entry: OutboxEntry, refused: readonly RefusedRow[]) => void,
  ) {
    this.node = node;
    this.#writer = writer;
    this.#fence = fence;
    this.#store = store;
    this.#host = host;
    this.#onAcknowledged = onAcknowledged;
  }

  get pendingEpochs(): number {
    return this.#queue.length;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  get guarantee(): SinkWriter['guarantee'] {
    return this.#writer.guarantee;
  }

  /** True once after the sink was found without the data that it had held (E5). */
  takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  enqueue(entry: OutboxEntry, holds: 'epoch' | 'whole' = 'epoch'): void {
    const keep = this.#inMemory + entry.bytes.length <= KEEP_IN_MEMORY_BYTES;
    if (keep) this.#inMemory += entry.bytes.length;
    this.#add({
      epoch: entry.epoch,
      inputRows: entry.inputRows,
      bytes: entry.bytes.length,
      whole: holds === 'whole',
      entry: keep ? entry : undefined,
    });
  }

  /** An epoch of an earlier run that the sink does not have yet. */
  enqueueStored(epoch: number, inputRows: number, bytes: number): void {
    this.#add({ epoch, inputRows, bytes, whole: false, entry: undefined });
  }

  #add(pending: Pending): void {
    this.#queue.push(pending);
    this.#bytes += pending.bytes;
    this.#busy ??= this.#run().finally(() => {
      this.#busy = undefined;
    });
  }

  /** Resolves when nothing is pending, the pump failed, or was stopped. */
  async settled(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  stop(): void {
    this.#stopped = true;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.settled();
    await this.#writer.close();
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (this.#queue.length > 0 && !this.#stopped && this.failure === undefined) {
      const pending = this.#queue[0]!;
      try {
        const entry = pending.entry ?? this.#store.outbox(this.node, pending.epoch);
        if (entry === undefined)
          throw new Fault('refused', 'outbox_missing', `The outbox of ${this.node} lacks epoch ${pending.epoch}.`);
        const refused = await this.#writer.push(this.#fence, entry.epoch, entry, pending.whole);
        this.#fence = { ...this.#fence, epoch: entry.epoch };
        this.#lost ||= this.#writer.lost?.() === true;
        this.#onAcknowledged(entry, refused);
        this.#queue.shift();
        this.#bytes -= pending.bytes;
        if (pending.entry !== undefined) this.#inMemory -= pending.bytes;
        if (this.waiting !== undefined) {
          this.#host.report('info', `${this.node}: the sink takes rows again.`);
          this.waiting = undefined;
        }
        backoffMs = FIRST_BACKOFF_MS;
      } catch (error) {
        const fault =
          error instanceof Fault ? error : new Fault('fatal', 'sink_bug', `${this.node}: ${String(error)}`, { cause: error });
        if (fault.kind !== 'retry') {
          this.failure = fault;
          return;
        }
        if (this.waiting === undefined) this.waitingSinceMs = this.#host.monotonicMs();
        if (this.waiting !== fault.message) {
          this.#host.report('warn', `${this.node}: ${fault.message} Its rows wait in the outbox, none is lost; trying again.`);
        }
        this.waiting = fault.message;
        await this.#host.sleep(backoffMs * (0.5 + this.#host.random() / 2));
        backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
      }
    }
  }
}
