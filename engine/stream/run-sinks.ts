import { Fault } from '../model/fault.ts';
import type { OutboxEntry } from './checkpoint.ts';
import type { Graph } from './graph.ts';
import type { Outbox } from './operator.ts';
import { NO_ROWS, type SinkPump } from './sink-pump.ts';

/** [E4] An outbox that has grown beyond this holds the sources. */
const OUTBOX_BYTES = 256 * 1024 * 1024;
const OUTBOX_EPOCHS = 10_000;

/** All sinks of a run: what they took over in this epoch, what waits in their outboxes, and what ends the run. */
export class RunSinks {
  /** by plan index */
  readonly pumps: ReadonlyMap<number, SinkPump>;
  readonly #graph: Graph;
  /** rows taken over up to the last barrier, by plan index */
  readonly #takenBefore = new Map<number, number>();
  /** nodes whose outbox of this epoch is their whole view */
  #lost: ReadonlySet<string> = new Set();

  constructor(graph: Graph, pumps: ReadonlyMap<number, SinkPump>) {
    this.#graph = graph;
    this.pumps = pumps;
    for (const step of pumps.keys()) this.#takenBefore.set(step, this.#taken(step));
  }

  /** Rows a sink has taken over and not refused: what its outboxes stand for. */
  #taken(step: number): number {
    const fates = this.#graph.fates(step);
    return fates.in - (fates.dead - fates.refused) - fates.filtered;
  }

  /** Output of this epoch so far. */
  bytes(): number {
    let bytes = 0;
    for (const step of this.pumps.keys()) bytes += this.#graph.sink(step).bytes();
    return bytes;
  }

  full(): SinkPump | undefined {
    for (const pump of this.pumps.values()) if (pump.pendingBytes > OUTBOX_BYTES || pump.pendingEpochs > OUTBOX_EPOCHS) return pump;
    return undefined;
  }

  /** [E5] A sink that lost its data gets its whole view in place of this epoch's rows, which are part of it. */
  withLostViews(outboxes: ReadonlyMap<number, Outbox>): ReadonlyMap<number, Outbox> {
    const all = new Map(outboxes);
    const lost = [...this.pumps].filter(([, pump]) => pump.takeLost());
    for (const [step] of lost) all.set(step, this.#graph.sink(step).rewrite?.() ?? NO_ROWS);
    this.#lost = new Set(lost.map(([, pump]) => pump.node));
    return all;
  }

  /** The outboxes of one epoch with the rows that they stand for. Rows of a sink that wrote nothing are held no longer. */
  entries(outboxes: ReadonlyMap<number, Outbox>, epoch: number): readonly OutboxEntry[] {
    const entries: OutboxEntry[] = [];
    for (const [step, pump] of this.pumps) {
      const taken = this.#taken(step);
      const inputRows = taken - this.#takenBefore.get(step)!;
      this.#takenBefore.set(step, taken);
      const outbox = outboxes.get(step);
      if (outbox !== undefined) entries.push({ ...outbox, node: pump.node, epoch, inputRows });
      else this.#graph.fates(step).held -= inputRows;
    }
    return entries;
  }

  /** After their epoch is durable. */
  enqueue(entries: readonly OutboxEntry[]): void {
    const byNode = new Map([...this.pumps.values()].map((pump) => [pump.node, pump]));
    for (const entry of entries) byNode.get(entry.node)!.enqueue(entry, this.#lost.has(entry.node) ? 'whole' : 'epoch');
  }

  /** Sinks that do not have all epochs yet. */
  pending(): readonly SinkPump[] {
    return [...this.pumps.values()].filter((pump) => pump.pendingEpochs > 0);
  }

  async settled(): Promise<void> {
    await Promise.all([...this.pumps.values()].map((pump) => pump.settled()));
  }

  /** Why the run cannot go on. `giveUpMs`: how long an unreachable sink is waited for (E10); undefined: for ever. */
  failure(nowMs: number, giveUpMs: number | undefined): Fault | undefined {
    for (const pump of this.pumps.values()) {
      if (pump.failure !== undefined) return pump.failure;
      if (giveUpMs === undefined || pump.waiting === undefined || nowMs - pump.waitingSinceMs <= giveUpMs) continue;
      return new Fault('fatal', 'sink_unreachable', `${pump.node}: ${pump.waiting} Given up after ${giveUpMs / 1000} s.`, {
        mend: 'Start the same command again when the sink is there: nothing is lost.',
      });
    }
    return undefined;
  }
}
